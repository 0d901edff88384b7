/// The named tensors of a pickle: the state dictionary among what training keeps with it.
struct StateDictionary {
  let entries: [(name: String, tensor: PickleTensor)]
  /// The keys that lead to it from the root, outermost first.
  let path: [String]
  /// Keys beside the first one of `path` that seem to hold another state dictionary.
  let others: [String]

  /// The keys under which training programs keep a state dictionary, the first ones preferred. Averages of the weights
  /// come last: who wants them says so.
  private static let keys = [
    "model", "state_dict", "model_state_dict", "model_state", "module", "network", "net", "params", "weights",
    "ema", "model_ema", "ema_model", "ema_state_dict", "state_dict_ema", "ema_state", "params_ema", "shadow",
  ]
  /// Largest ratio of the tensors' bytes to those of the storages that they share.
  private static let maximumSharing = 4

  /// - Parameter key: The key of the root under which the state dictionary is; `nil` looks for it.
  /// - Throws: `PickleMachine.Failure` if there is none, if a value is not a tensor, or if a name is not a string or is
  ///   given twice.
  init(in root: PickleValue, of machine: PickleMachine, key: String? = nil) throws {
    let search = StateDictionarySearch(machine: machine, keys: Self.keys)
    let found = try search.find(in: root, key: key)
    path = found.path
    others = found.others
    let place = found.path.isEmpty ? "" : " in \(found.path.map(\.quoted).joined(separator: " in "))"
    var names: Set<String> = []
    var storages: Set<String> = []
    var (size, available) = (0, 0)
    entries = try machine.dictionaries[found.dictionary].map { key, value in
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
