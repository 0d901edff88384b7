import Testing
import VideoFrames

@Suite(.timeLimit(.minutes(10))) struct FFmpegMessagesTests {
  @Test func timesAreThoseOfTheFrames() {
    let messages = FFmpegMessages()
    for line in [
      "[info] Input #0, mov,mp4,m4a,3gp,3g2,mj2, from 'file:n: 3 pts: 4.mp4':",
      "[Parsed_showinfo_1 @ 0x5608cd545d40] [info] config in time_base: 1/24000, frame_rate: 24000/1001",
      "[Parsed_showinfo_1 @ 0x5608cd545d40] [info] config out time_base: 0/0, frame_rate: 0/0",
      "[Parsed_showinfo_1 @ 0x5608cd545d40] [info] n:   0 pts:   2002 pts_time:0.0834167 pos:   618448 fmt:yuv420p",
      "[Parsed_showinfo_1 @ 0x5608cd545d40] [info] color_range:unknown color_space:unknown",
      "[Parsed_showinfo_1 @ 0x5608cd545d40] [info] n:   1 pts:  NOPTS pts_time:NOPTS pos: 747655 fmt:yuv420p",
      "[Parsed_showinfo_1 @ 0x5608cd545d40] [info] n:   2 pts:   -100 pts_time:0.0 pos: 747655 fmt:yuv420p",
    ] { messages.take(line) }
    messages.end()
    #expect(messages.nextTime() == FrameTime(pts: 2002, timeBase: Ratio("1/24000")))
    #expect(messages.nextTime() == FrameTime(pts: nil, timeBase: Ratio("1/24000")))
    #expect(messages.nextTime()?.seconds == -100.0 / 24000)
    #expect(messages.nextTime() == nil)
    #expect(messages.lastErrors == nil)
  }

  @Test func theLastErrorsAreQuoted() {
    let messages = FFmpegMessages()
    for line in ["one", "two", "two", "three", "four"] { messages.take("[h264 @ 0x562a7b6d6e40] [error] \(line)") }
    messages.take("[info] not an error")
    #expect(messages.lastErrors == "two; three; four")
  }

  @Test(arguments: [
    ("24000/1001", 24000, 1001), ("25", 25, 1), ("30/1", 30, 1), ("0/0", 0, 0), ("a", 0, 0), ("1/2/3", 0, 0),
    ("-1/2", 0, 0),
    ("", 0, 0),
  ]) func ratesAreFractions(text: String, numerator: Int, denominator: Int) {
    let ratio = Ratio(text)
    #expect((ratio?.numerator ?? 0, ratio?.denominator ?? 0) == (numerator, denominator))
  }
}
