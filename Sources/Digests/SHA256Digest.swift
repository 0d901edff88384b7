package import Foundation

#if canImport(CryptoKit)
  import CryptoKit
#else
  import CCrypto
#endif

/// A SHA-256 digest (FIPS 180-4), computed by the system's own library: CryptoKit on Apple's systems, OpenSSL elsewhere.
/// swift-crypto would compile all of BoringSSL for this one function.
package struct SHA256Digest: Hashable, Sendable {
  private let bytes: SIMD32<UInt8>

  /// The digest of `data`.
  package init(of data: some ContiguousBytes) {
    var bytes = SIMD32<UInt8>()
    withUnsafeMutableBytes(of: &bytes) { digest in
      data.withUnsafeBytes { message in
        #if canImport(CryptoKit)
          SHA256.hash(data: message).withUnsafeBytes { digest.copyMemory(from: $0) }
        #else
          _ = SHA256(message.baseAddress, message.count, digest.baseAddress)
        #endif
      }
    }
    self.bytes = bytes
  }

  /// The first `count` bytes in hexadecimal.
  package func hexadecimal(prefix count: Int) -> String {
    (0..<count).map { (bytes[$0] < 16 ? "0" : "") + String(bytes[$0], radix: 16) }.joined()
  }
}
