package import Foundation
package import Logging

/// Writes log messages with their metadata to standard error, a JSON object a line, as collectors of logs read them.
package struct LineLogHandler: LogHandler {
  package var logLevel = Logger.Level.info
  package var metadata: Logger.Metadata = [:]

  package init() {}

  package subscript(metadataKey key: String) -> Logger.Metadata.Value? {
    get { metadata[key] }
    set { metadata[key] = newValue }
  }

  package func log(event: LogEvent) {
    let all = metadata.merging(event.metadata ?? [:]) { $1 }
    Console.shared.message(Self.line(event.level, "\(event.message)", all, at: Date()))
  }

  package static func line(_ level: Logger.Level, _ message: String, _ metadata: Logger.Metadata, at time: Date)
    -> String
  {
    var fields = metadata.mapValues { "\($0)" }
    fields["time"] = time.formatted(Date.ISO8601FormatStyle(includingFractionalSeconds: true))
    fields["level"] = level.rawValue
    fields["message"] = message
    let encoder = JSONEncoder()
    encoder.outputFormatting = [.sortedKeys, .withoutEscapingSlashes]
    // Strings can always be encoded.
    guard let text = try? encoder.encode(fields) else { return message }
    return String(decoding: text, as: UTF8.self)
  }
}
