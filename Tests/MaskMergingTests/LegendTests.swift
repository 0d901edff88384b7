import ImageCoding
import MaskMerging
import Testing

@Suite(.timeLimit(.minutes(10))) struct LegendTests {
  /// The dots that are as bright as ink, one string a row, from a legend of scale 1.
  private func drawing(of image: RGBImage, columns: Range<Int>, rows: Range<Int>) -> [String] {
    rows.map { y in
      String(columns.map { x in image.pixels[3 * (y * image.width + x)] == 0xe6 ? "#" : "." })
    }
  }

  @Test func aNameIsWrittenBesideItsSwatch() throws {
    let picture = try Palette(hex: ["Hy-1": "#ff8000"]).legend(of: ["Hy-1"], scale: 1)
    #expect(picture.width == 4 + 18 + 5 + 4 * 6 + 4 && picture.height == 15 + 4)
    #expect(
      drawing(of: picture, columns: 27..<50, rows: 6..<15) == [
        "#...#...............#..", "#...#..............##..", "#...#.#...#.........#..", "#####.#...#..###....#..",
        "#...#.#...#.........#..", "#...#.#...#.........#..", "#...#..####........###.", "..........#............",
        ".......###.............",
      ])
    let middle = 3 * (9 * picture.width + 12)
    #expect(picture.pixels[middle..<middle + 3] == [0xff, 0x80, 0])
  }

  @Test func everyLabelHasARow() throws {
    let labels = Palette.film.labels
    let picture = try Palette.film.legend(of: labels, scale: 1)
    #expect(picture.height == labels.count * 15 + 4)
    for (row, label) in labels.enumerated() {
      let pixel = 3 * ((4 + row * 15 + 5) * picture.width + 12)
      let color = try Palette.film.color(of: label)
      #expect(Array(picture.pixels[pixel..<pixel + 3]) == [color.red, color.green, color.blue])
    }
  }

  @Test func aScaleEnlargesEveryDot() throws {
    let (small, large) = (
      try Palette.film.legend(of: [.hair], scale: 1), try Palette.film.legend(of: [.hair], scale: 3)
    )
    #expect(large.width == 3 * small.width && large.height == 3 * small.height)
    for y in 0..<large.height {
      for x in 0..<large.width {
        let (place, origin) = (3 * (y * large.width + x), 3 * (y / 3 * small.width + x / 3))
        #expect(large.pixels[place..<place + 3].elementsEqual(small.pixels[origin..<origin + 3]))
      }
    }
  }

  /// No two characters look alike, and none is empty.
  @Test func charactersAreTellable() throws {
    let characters = Array("ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789-é")
    var seen: Set<[String]> = [Array(repeating: "......", count: 9)]
    for character in characters {
      // A palette knows labels of one case, so the name is drawn alone.
      let label = Label(String(character))
      let picture = try Palette([label: .black]).legend(of: [label], scale: 1)
      #expect(seen.insert(drawing(of: picture, columns: 27..<33, rows: 6..<15)).inserted, "\(character)")
    }
  }

  @Test func longAndForeignNamesAreShownAsFarAsTheyGo() throws {
    let labels = [Label(String(repeating: "x", count: 1000)), Label("帽子")]
    let palette = Palette([labels[0]: .black, labels[1]: .black])
    #expect(try palette.legend(of: labels, scale: 1).width == 31 + 40 * 6)
  }

  @Test func whatCannotBeDrawnIsRefused() {
    for scale in [0, -1, 9, .max] {
      expectError(.invalidOption, saying: "1 to 8", "\(scale)") {
        _ = try Palette.film.legend(of: [.hair], scale: scale)
      }
    }
    for count in [0, 257] {
      expectError(.invalidOption, saying: "1 to 256", "\(count)") {
        _ = try Palette.film.legend(of: Array(repeating: .hair, count: count))
      }
    }
    expectError(.unknownLabel, saying: "Handbag") { _ = try Palette.film.legend(of: ["Handbag"]) }
  }
}
