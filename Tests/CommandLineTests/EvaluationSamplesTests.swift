import M2FPTool
import TestSupport
import Testing

@Suite(.timeLimit(.minutes(10))) struct EvaluationSamplesTests {
  @Test func filesMatchByStem() throws {
    let folder = try TemporaryFolder()
    for name in ["i/b.jpg", "i/a.png", "i/only.jpg", "i/x.txt", "l/a.png", "l/b.png", "l/other.png", "l/a.jpg"] {
      try folder.write(name)
    }
    let found = try EvaluationSamples(images: folder / "i", labels: folder / "l")
    #expect(found.samples.map(\.image) == [folder / "i/a.png", folder / "i/b.jpg"])
    #expect(found.samples.map(\.labels) == [folder / "l/a.png", folder / "l/b.png"])
    #expect(found.samples.map(\.instances) == [nil, nil])
    #expect(found.unmatched == [folder / "i/only.jpg", folder / "l/other.png"])
  }

  @Test func eitherMapIsEnough() throws {
    let folder = try TemporaryFolder()
    for name in ["i/a.jpg", "i/b.jpg", "i/c.jpg", "i/d.jpg", "l/a.png", "l/b.png", "p/b.png", "p/c.png", "p/e.png"] {
      try folder.write(name)
    }
    let both = try EvaluationSamples(images: folder / "i", labels: folder / "l", instances: folder / "p")
    #expect(both.samples.map(\.image) == [folder / "i/a.jpg", folder / "i/b.jpg", folder / "i/c.jpg"])
    #expect(both.samples.map(\.labels) == [folder / "l/a.png", folder / "l/b.png", nil])
    #expect(both.samples.map(\.instances) == [nil, folder / "p/b.png", folder / "p/c.png"])
    #expect(both.unmatched == [folder / "i/d.jpg", folder / "p/e.png"])
    let persons = try EvaluationSamples(images: folder / "i", labels: nil, instances: folder / "p")
    #expect(persons.samples.map(\.instances) == [folder / "p/b.png", folder / "p/c.png"])
  }

  @Test func foldersWithoutPairsAreRefused() throws {
    let folder = try TemporaryFolder()
    try folder.write("i/a.png")
    try folder.write("l/b.png")
    try folder.write("twice/a.jpg")
    try folder.write("twice/a.png")
    for (images, labels, status) in [("i", "l", ExitReason.noInput), ("i", "absent", .noInput), ("twice", "i", .usage)]
    {
      let failure = #expect(throws: Failure.self) {
        try EvaluationSamples(images: folder / images, labels: folder / labels)
      }
      #expect(failure?.status == status)
    }
  }
}
