package import Foundation

/// What makes two requests the same: the bytes of the picture and what is asked of it.
package struct ParseKey: Hashable, Sendable {
  package let image: SHA256Digest
  package let options: ParseOptions

  package init(image: Data, options: ParseOptions) {
    self.image = SHA256Digest(of: image)
    self.options = options
  }
}
