import Foundation
import M2FPTool
import TestSupport
import Testing

@Suite(.timeLimit(.minutes(10))) struct JobPlanTests {
  private func plan(_ inputs: [Input], into folder: String? = nil, _ outputs: Set<OutputKind> = OutputKind.standard)
    -> JobPlan
  {
    JobPlan(inputs: inputs, folder: folder, outputs: outputs)
  }

  @Test(
    arguments: [
      (Input.file("in/photo.jpg"), nil, "in/photo.labels.png"),
      (.file("photo.jpg"), nil, "photo.labels.png"),
      (.file("/photo.jpg"), nil, "/photo.labels.png"),
      (.file("in/photo.jpg"), "out", "out/photo.labels.png"),
      (.file("in/day/photo.jpg", subfolder: "day"), "out", "out/day/photo.labels.png"),
      (.file("in/day/photo.jpg", subfolder: "day"), nil, "in/day/photo.labels.png"),
      (.standardInput, nil, "stdin.labels.png"),
      (.standardInput, "out/", "out/stdin.labels.png"),
      (.file("-dash.jpg"), nil, "-dash.labels.png"),
    ] as [(Input, String?, String)])
  func resultsGo(input: Input, folder: String?, expected: String) {
    #expect(plan([input], into: folder).jobs.map { $0.path(of: .labels) } == [expected])
  }

  @Test(
    arguments: [
      (["a/photo.jpg", "b/photo.png"], "out"),
      (["a/photo.jpg", "a/photo.png"], nil),
      (["a/photo.jpg", "a/../a/photo.jpeg"], nil),
      (["stdin.jpg", "-"], nil),
    ] as [([String], String?)])
  func sharedNamesAreRefusedAndTheOthersPlanned(names: [String], folder: String?) {
    let inputs = names.map { $0 == "-" ? Input.standardInput : .file($0) }
    let plan = plan(inputs + [.file("c/other.jpg")], into: folder)
    #expect(plan.jobs.map(\.input.name) == ["c/other.jpg"])
    #expect(plan.refusals.map(\.path) == names)
    for refusal in plan.refusals {
      #expect(refusal.failure.status == .usage)
      for name in names { #expect(refusal.failure.message.contains(name), "\(refusal)") }
    }
  }

  /// The document of one picture has the name of another's summary.
  @Test(arguments: [("a.coco.png", OutputKind.coco), ("a.joints.png", .joints)])
  func resultsOfDifferentKindsWithOneNameAreRefused(name: String, kind: OutputKind) {
    let inputs = [Input.file("a.png"), .file(name), .file("b.png")]
    for isStreamed in [false, true] {
      let plan = JobPlan(inputs: inputs, folder: "out", outputs: [.json, kind], isStreamed: isStreamed)
      #expect(plan.jobs.map(\.input.name) == ["b.png"])
      #expect(plan.refusals.map(\.path) == ["a.png", name])
      #expect(plan.refusals.allSatisfy { $0.failure.message.contains("out/a.\(kind).json") }, "\(plan.refusals)")
    }
    #expect(plan(inputs, into: "out", [.json]).jobs.count == 3)
    #expect(plan(inputs.map(\.keepingExtension), into: "out", [.json, kind]).jobs.count == 3)
  }

  @Test(
    arguments: [
      (["a/photo.jpg", "b/photo.png"], nil),
      (["a/photo.jpg", "a/photo2.jpg"], "out"),
      (["shot.0001", "shot.0002"], nil),
    ] as [([String], String?)])
  func namesApartArePlanned(names: [String], folder: String?) {
    #expect(plan(names.map { .file($0) }, into: folder).jobs.count == names.count)
  }

  @Test func subfoldersKeepEqualNamesApart() {
    let inputs = [Input.file("in/a/photo.jpg", subfolder: "a"), .file("in/b/photo.jpg", subfolder: "b")]
    #expect(plan(inputs, into: "out").jobs.map(\.folder) == ["out/a", "out/b"])
  }

  @Test func noResultOverwritesAnInput() {
    let inputs = [Input.file("photo.jpg"), .file("photo.color.png")]
    #expect(plan(inputs).jobs.map(\.input.name) == ["photo.color.png"])
    #expect(plan(inputs).refusals.map(\.path) == ["photo.jpg"])
    #expect(plan(inputs, [.labels]).jobs.count == 2)
    #expect(plan(inputs, into: "out").jobs.count == 2)
  }

  @Test func aJobIsDoneOnceAllItsResultsAreThere() throws {
    let folder = try TemporaryFolder()
    let job = Job(input: .file("photo.jpg"), folder: folder.path)
    let outputs: Set<OutputKind> = [.labels, .people, .parts]
    #expect(!job.isDone(outputs, files: [.parts: ["hair.png"]]))
    try folder.write("photo.labels.png", OwnFile.marked(try Pictures.png()))
    try folder.write("photo.people/p01.png", OwnFile.marked(try Pictures.png()))
    #expect(job.isDone([.labels]))
    #expect(!job.isDone(outputs, files: [.parts: ["hair.png"]]))
    try folder.write("photo.parts/hair.png", OwnFile.marked(try Pictures.png()))
    #expect(job.isDone(outputs, files: [.parts: ["hair.png"]]))
    #expect(!job.isDone(outputs, files: [.parts: ["hair.png", "face.png"]]))
    #expect(!job.isDone([.color]))
    try folder.write("photo.color.png", try Pictures.png())
    #expect(!job.isDone([.color]), "a file of another program")
  }

  @Test func aFolderInTheWayOfAFileIsNoResult() throws {
    let folder = try TemporaryFolder()
    try folder.write("photo.labels.png/x")
    #expect(!Job(input: .file("photo.jpg"), folder: folder.path).isDone([.labels]))
  }
}
