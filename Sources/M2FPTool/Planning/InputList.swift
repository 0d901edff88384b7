import Platform

/// The pictures that the arguments of a command name, in their order, and the arguments that name none.
package struct InputList: Equatable, Sendable {
  package private(set) var inputs: [Input] = []
  package private(set) var refusals: [Refusal] = []
  /// Pictures in folders whose formats, by their extensions, are not read.
  package private(set) var passedOver: [String] = []

  /// An argument without pictures, or a folder that cannot be read.
  package struct Refusal: Equatable, Sendable {
    package var path: String
    package var failure: Failure
  }

  /// - Parameters:
  ///   - arguments: Files, folders, or "-" for standard input. A picture that is named twice is listed once; a link to a
  ///     picture is a picture of its own.
  ///   - recursive: Whether subfolders are searched too, and links to folders, unless they lead back up.
  ///   - keepingExtensions: Whether results keep the extensions of their pictures.
  package init(arguments: [String], recursive: Bool, keepingExtensions: Bool = false) {
    var seen = Set<[UInt8]>()
    for argument in arguments {
      for input in collect(argument, recursive: recursive) where seen.insert(Self.identity(of: input)).inserted {
        inputs.append(keepingExtensions ? input.keepingExtension : input)
      }
    }
  }

  /// Results go by the subfolder, so that a folder and a link to it both have theirs.
  private static func identity(of input: Input) -> [UInt8] {
    switch input.source {
    case .standardInput: []
    case .file(let path): FilePath.identity(path) + [0] + Array(input.subfolder.utf8)
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
    var waiting = [Subfolder(path: "", above: [FilePath.canonical(root)])]
    while let next = waiting.popLast() {
      let subfolder = next.path
      let folder = FilePath.join(root, subfolder)
      let holdsResults = PictureName.isResult(FilePath.name(of: subfolder))
      var inner: [Subfolder] = []
      do {
        for name in try FileSystem.contents(of: folder) {
          let path = FilePath.join(folder, name)
          switch FilePath.kind(of: path) {
          case .success(.file) where PictureName.isPicture(name):
            if (holdsResults || PictureName.isResult(name)) && OwnFile.isOwn(path) { continue }
            found.append(.file(path, subfolder: subfolder))
          case .success(.folder) where PictureName.isWalked(name):
            if let folder = next.inner(name, at: path) { inner.append(folder) }
          case .success(.other(let kind)) where PictureName.isPicture(name):
            refuse(path, "expected a picture, found \(kind)")
          case .failure(.noSuchFile) where PictureName.isPicture(name):
            refuse(path, "expected a picture, found a link that leads nowhere")
          case .failure(let error) where PictureName.isPicture(name): refuse(path, "expected a picture: \(error)")
          case .success(.file) where PictureName.isUnreadPicture(name): passedOver.append(path)
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
      refuse(root, "expected pictures (PNG, JPEG, WebP, TIFF, HEIC, AVIF, OpenEXR), found none\(hint)")
    }
    return found
  }

  /// A folder that a walk is about to enter.
  private struct Subfolder {
    /// Relative to the root of the walk.
    let path: String
    /// Canonical paths of the folder itself and those above it.
    let above: [String]

    /// A folder in this one; nil for a link that leads back to a folder above.
    func inner(_ name: String, at path: String) -> Subfolder? {
      let isLink = FilePath.isLinkedFolder(path)
      let canonical = isLink ? FilePath.canonical(path) : FilePath.join(above.last ?? "", name)
      if isLink, above.contains(where: { $0 == canonical }) { return nil }
      return Subfolder(path: self.path.isEmpty ? name : "\(self.path)/\(name)", above: above + [canonical])
    }
  }
}
