package import Logging

/// Sends log messages to the console as a person reads them: no time, no label, the level only where it matters.
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
