import ArgumentParser
import M2FP

/// What `--size` takes: `640x1152`.
struct InputSize: Codable {
  let height: Int
  let width: Int

  init(height: Int, width: Int) {
    self.height = height
    self.width = width
  }

  init(argument: String) throws {
    let parts = argument.split(separator: "x").compactMap { Int($0) }
    let divisor = M2FPNetwork.sizeDivisibility
    guard parts.count == 2, parts.allSatisfy({ (1...8192).contains($0) && $0.isMultiple(of: divisor) }) else {
      throw ValidationError("a size is HEIGHTxWIDTH, both multiples of \(divisor) up to 8192, found \(argument)")
    }
    (height, width) = (parts[0], parts[1])
  }
}
