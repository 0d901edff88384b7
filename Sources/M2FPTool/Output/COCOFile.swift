import Foundation
import HumanParsing
import ImageCoding
import MaskMerging
import Platform

/// The one COCO document of a whole batch.
///
/// It is kept in memory and written at the end of the run, also of one that was interrupted.
final class COCOFile {
  let path: String
  private let form: COCOForm
  private var document: COCODocument
  /// As bytes, since strings are equal too that differ in Unicode normalization.
  private var fileNames: Set<[UInt8]>
  private var lastAnnotationID: Int

  /// - Parameters:
  ///   - path: The file to write.
  ///   - form: The form of masks and ids.
  ///   - classes: The model's classes.
  ///   - continues: Whether the pictures stay that an earlier run wrote into the file.
  ///   - overwrites: Whether a file of another program is replaced.
  /// - Throws: ``Failure`` for a file of another program, and for one that cannot be continued.
  init(path: String, form: COCOForm, classes: [Label], continues: Bool, overwrites: Bool) throws(Failure) {
    self.path = path
    self.form = form
    if !overwrites { try OwnFile.checkReplacing(path) }
    let categories = classes.enumerated().map { index, label in
      COCODocument.Category(id: form.firstCategoryID + index, name: label.name)
    }
    document = COCODocument(images: [], categories: categories, annotations: [])
    if continues, OwnFile.isOwn(path) {
      let found = try Self.read(path)
      guard found.categories == categories else {
        throw Failure(.badData, "\(path): expected the categories of this run, found others; name another --coco-file")
      }
      document = found
    }
    fileNames = Set(document.images.map { Array($0.fileName.utf8) })
    lastAnnotationID = document.annotations.map(\.id).max() ?? 0
  }

  private static func read(_ path: String) throws(Failure) -> COCODocument {
    do {
      return try JSONDecoder().decode(COCODocument.self, from: Data(InputFile(path: path).contents()))
    } catch {
      throw Failure(.badData, "\(path): expected a COCO document that m2fp wrote, found something else: \(error)")
    }
  }

  /// Whether an earlier run wrote this picture.
  func holds(_ fileName: String) -> Bool { fileNames.contains(Array(fileName.utf8)) }

  /// Adds a picture, whose ids follow those of the ones before.
  func add(_ parsing: Parsing, fileName: String) {
    let id = (document.images.last?.id ?? 0) + 1
    let picture = form.document(
      of: parsing, fileName: fileName, imageID: id, firstAnnotationID: lastAnnotationID + 1)
    lastAnnotationID += picture.annotations.count
    document.images += picture.images
    document.annotations += picture.annotations
    fileNames.insert(Array(fileName.utf8))
  }

  func write() throws(Failure) {
    do { try AtomicFile.write(document.json(), to: FilePath.url(path)) } catch {
      throw Failure(.inputOutput, "\(path): \(Failure(error, about: path).message)")
    }
  }

  /// Names of the pictures in the document: relative to the folder on the command line, or as the user named them where two
  /// would have the same.
  static func fileNames(of jobs: [Job]) -> [Input: String] {
    let short = jobs.map { FilePath.join($0.input.subfolder, FilePath.name(of: $0.input.name)) }
    let counts = Dictionary(short.map { (PathText.bytes($0), 1) }, uniquingKeysWith: +)
    let names = zip(jobs, short).map { job, name in
      (job.input, counts[PathText.bytes(name)] == 1 ? name : job.input.name)
    }
    return Dictionary(names) { first, _ in first }
  }
}
