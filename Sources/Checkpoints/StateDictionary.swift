/// The named tensors of a pickle: those under the key `model` if that is a dictionary, else all.
struct StateDictionary {
  let entries: [(name: String, tensor: PickleTensor)]

  /// Largest ratio of the tensors' bytes to those of the storages that they share.
  private static let maximumSharing = 4

  /// - Throws: `PickleMachine.Failure` if a value is not a tensor, or a name is not a string or is given twice.
  init(in root: PickleValue, of machine: PickleMachine) throws {
    guard case .dictionary(var dictionary) = root else {
      throw machine.unsupported("is \(root.kind) instead of a dictionary")
    }
    var place = ""
    for case (.string("model"), .dictionary(let model)) in machine.dictionaries[dictionary] {
      guard place.isEmpty else { throw machine.malformed("holds two dictionaries \"model\"") }
      (dictionary, place) = (model, " in \"model\"")
    }
    var names: Set<String> = []
    var storages: Set<String> = []
    var (size, available) = (0, 0)
    entries = try machine.dictionaries[dictionary].map { key, value in
      guard case .string(let name) = key else {
        throw machine.unsupported("has \(key.kind) for a name\(place), where a string is expected")
      }
      guard case .tensor(let index) = value else {
        throw machine.unsupported("has \(value.kind) under the name \(name.quoted)\(place), where a tensor is expected")
      }
      guard names.insert(name).inserted else { throw machine.malformed("has the name \(name.quoted) twice\(place)") }
      let tensor = machine.tensors[index]
      let unit = tensor.storage.elementType.byteCount
      size = Self.add(size, tensor.layout.count, unit)
      if storages.insert(tensor.storage.key).inserted { available = Self.add(available, tensor.storage.count, unit) }
      return (name, tensor)
    }
    guard size <= Self.add(0, available, Self.maximumSharing) else {
      throw PickleMachine.Failure(
        code: .tooLarge, problem: "makes \(size) bytes of tensors out of \(available) bytes of storages")
    }
  }

  /// `sum` + `count` · `unit`, saturating at `Int.max`.
  private static func add(_ sum: Int, _ count: Int, _ unit: Int) -> Int {
    let (product, overflow) = count.multipliedReportingOverflow(by: unit)
    let (total, carry) = sum.addingReportingOverflow(product)
    return overflow || carry ? .max : total
  }
}
