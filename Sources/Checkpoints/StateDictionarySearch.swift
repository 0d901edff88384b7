/// Where in a checkpoint the state dictionary is.
struct StateDictionarySearch {
  let machine: PickleMachine
  /// The keys under which it may be, the first ones preferred.
  let keys: [String]

  struct Result {
    /// An index into the machine's dictionaries.
    var dictionary: Int
    var path: [String] = []
    var others: [String] = []
  }

  /// Follows the keys from `root` inwards, as long as there is a dictionary under one of them.
  ///
  /// - Parameter key: The first key to follow, whatever its name; `nil` chooses it like the others.
  func find(in root: PickleValue, key: String?) throws -> Result {
    guard case .dictionary(let dictionary) = root else { throw unusable(root, at: "") }
    var result = Result(dictionary: dictionary)
    if let key {
      guard let value = try value(of: key, in: dictionary) else {
        throw machine.unsupported("has nothing under the key \(key.quoted), but under \(names(in: dictionary))")
      }
      guard case .dictionary(let inner) = value else { throw unusable(value, at: " under the key \(key.quoted)") }
      result = Result(dictionary: inner, path: [key])
    }
    while let (next, inner) = try next(in: result.dictionary) {
      if result.path.isEmpty { result.others = try others(than: next, in: dictionary) }
      result.dictionary = inner
      result.path.append(next)
    }
    try checkForTensors(result)
    return result
  }

  /// The first of the keys under which there is a dictionary.
  private func next(in dictionary: Int) throws -> (key: String, dictionary: Int)? {
    for key in keys {
      if case .dictionary(let inner)? = try value(of: key, in: dictionary) { return (key, inner) }
    }
    return nil
  }

  private func others(than key: String, in dictionary: Int) throws -> [String] {
    try keys.filter { other in
      guard other != key, case .dictionary(let inner)? = try value(of: other, in: dictionary) else { return false }
      return !machine.dictionaries[inner].isEmpty
    }
  }

  /// - Throws: A failure if the key is there twice, with a dictionary each time.
  private func value(of key: String, in dictionary: Int) throws -> PickleValue? {
    var found: PickleValue?
    for case (.string(key), let value) in machine.dictionaries[dictionary] {
      if case .dictionary? = found, case .dictionary = value {
        throw machine.malformed("holds two dictionaries \(key.quoted)")
      }
      found = value
    }
    return found
  }

  /// Refuses a module as a whole in the place of a state dictionary, and a dictionary of others under unknown keys.
  private func checkForTensors(_ result: Result) throws {
    for key in keys {
      if case .object(let name)? = try value(of: key, in: result.dictionary) {
        throw unusable(.object(name), at: " under the key \(key.quoted)")
      }
    }
    var hasDictionary = false
    for item in machine.dictionaries[result.dictionary] {
      switch item.value {
      case .tensor: return
      case .dictionary: hasDictionary = true
      default: break
      }
    }
    guard hasDictionary, result.path.isEmpty else { return }
    throw machine.unsupported(
      "holds no tensors, but the keys \(names(in: result.dictionary)); name the one of the state dictionary with --key, or"
        + " save that alone with torch.save(model.state_dict(), …)")
  }

  private func unusable(_ value: PickleValue, at place: String) -> PickleMachine.Failure {
    guard case .object = value else {
      return machine.unsupported("is \(value.kind)\(place) instead of a dictionary")
    }
    return machine.unsupported(
      "is \(value.kind)\(place) instead of a dictionary: a module as a whole; load it in PyTorch, if you trust it, and save"
        + " torch.save(model.state_dict(), …)")
  }

  /// The keys of a dictionary, for messages.
  private func names(in dictionary: Int) -> String {
    let names = machine.dictionaries[dictionary].compactMap { item -> String? in
      if case .string(let name) = item.key { name.quoted } else { nil }
    }
    let listed = names.prefix(12).joined(separator: ", ")
    return names.count > 12 ? "\(listed), …" : listed
  }
}
