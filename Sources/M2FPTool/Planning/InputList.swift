import Platform

/// The pictures that the arguments of a command name, in their order, and the arguments that name none.
package struct InputList: Equatable, Sendable {
  package private(set) var inputs: [Input] = []
  package private(set) var refusals: [Refusal] = []

  /// An argument without pictures, or a folder that cannot be read.
  package struct Refusal: Equatable, Sendable {
    package var path: String
    package var failure: Failure
  }

  /// - Parameters:
  ///   - arguments: Files, folders, or "-" for standard input. A picture that is named twice is listed once.
  ///   - recursive: Whether subfolders are searched too; links to folders are not followed.
  package init(arguments: [String], recursive: Bool) {
    var seen = Set<String>()
    for argument in arguments {
      for input in collect(argument, recursive: recursive) where seen.insert(Self.identity(of: input)).inserted {
        inputs.append(input)
      }
    }
  }

  private static func identity(of input: Input) -> String {
    switch input.source {
    case .standardInput: "-"
    case .file(let path): FilePath.canonical(path)
    }
  }

  private mutating func refuse(_ path: String, _ reason: String) {
    refusals.append(Refusal(path: path, failure: Failure(.noInput, reason)))
  }

  private mutating func collect(_ argument: String, recursive: Bool) -> [Input] {
    if argument == "-" { return [.standardInput] }
    switch FilePath.kind(of: argument) {
    case .success(.file): return [.file(argument)]
    case .success(.folder): return pictures(in: argument, recursive: recursive)
    case .success(.other(let kind)):
      refuse(argument, "expected a file or a folder, found \(kind); use - to read a stream")
    case .failure(let error): refuse(argument, "\(error)")
    }
    return []
  }

  private mutating func pictures(in root: String, recursive: Bool) -> [Input] {
    var found: [Input] = []
    let refusedBefore = refusals.count
    var hasFolders = false
    // A stack instead of recursion, since folders may be nested deeper than a thread's stack allows.
    var waiting = [""]
    while let subfolder = waiting.popLast() {
      let folder = FilePath.join(root, subfolder)
      var inner: [String] = []
      do {
        for name in try FileSystem.contents(of: folder) {
          let path = FilePath.join(folder, name)
          switch FilePath.kind(of: path) {
          case .success(.file) where PictureName.isPicture(name):
            found.append(.file(path, subfolder: subfolder))
          case .success(.folder) where PictureName.isWalked(name) && !FilePath.isLinkedFolder(path):
            inner.append(subfolder.isEmpty ? name : "\(subfolder)/\(name)")
          default: break
          }
        }
      } catch {
        refuse(folder, "\(error)")
      }
      hasFolders = hasFolders || !inner.isEmpty
      if recursive { waiting += inner.reversed() }
    }
    if found.isEmpty, refusals.count == refusedBefore {
      let hint = hasFolders && !recursive ? "; --recursive looks into its folders too" : ""
      refuse(root, "expected pictures (PNG, JPEG, WebP), found none\(hint)")
    }
    return found
  }
}
