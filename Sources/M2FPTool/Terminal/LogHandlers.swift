package import Foundation
package import Logging

/// Log handler for people: messages without time and label, the level only for warnings and errors.
package struct ConsoleLogHandler: LogHandler {
  package var logLevel = Logger.Level.notice
  package var metadata: Logger.Metadata = [:]

  package init() {}

  package subscript(metadataKey key: String) -> Logger.Metadata.Value? {
    get { metadata[key] }
    set { metadata[key] = newValue }
  }

  package func log(event: LogEvent) {
    Console.shared.message(Self.text(event.level, "\(event.message)"))
  }

  package static func text(_ level: Logger.Level, _ message: String) -> String {
    switch level {
    case .trace, .debug, .info, .notice: message
    case .warning: "Warning: \(message)"
    case .error, .critical: "Error: \(message)"
    }
  }
}

/// Log handler for log collectors: a JSON object per line on standard error, with metadata.
package struct JSONLogHandler: LogHandler {
  package var logLevel = Logger.Level.info
  package var metadata: Logger.Metadata = [:]

  package init() {}

  package subscript(metadataKey key: String) -> Logger.Metadata.Value? {
    get { metadata[key] }
    set { metadata[key] = newValue }
  }

  package func log(event: LogEvent) {
    let all = metadata.merging(event.metadata ?? [:]) { $1 }
    Console.shared.write(line: Self.line(event.level, "\(event.message)", all, at: Date()))
  }

  package static func line(_ level: Logger.Level, _ message: String, _ metadata: Logger.Metadata, at time: Date)
    -> String
  {
    var fields = metadata.mapValues { "\($0)" }
    fields["time"] = time.formatted(Date.ISO8601FormatStyle(includingFractionalSeconds: true))
    fields["level"] = level.rawValue
    fields["message"] = message
    // Strings can always be encoded.
    return (try? JSONText.line(fields)) ?? message
  }
}
