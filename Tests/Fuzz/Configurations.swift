import Foundation

// The configuration of a network.

let targets: [String: @Sendable ([UInt8]) -> Void] = [
  "configuration": { bytes in
    do { _ = try Configuration(json: Data(bytes), name: "fuzz") } catch {
      require(error is M2FPError, "\(error)")
    }
  }
]
