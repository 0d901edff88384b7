#if Service
  import ArgumentParser
  import Foundation
  import HumanParsing
  import Logging
  import ParserService
  import Platform

  /// `m2fp serve`: the HTTP service and its web page.
  struct ServeCommand: AsyncParsableCommand {
    static let configuration = CommandConfiguration(
      commandName: "serve",
      abstract: "Serve a web page and an API that parse pictures.",
      discussion: """
        Open the page whose address it logs, or POST pictures to /api/parse. It listens on the loopback interface unless \
        --host names another address. On SIGTERM and SIGINT it completes accepted requests and exits. If the environment \
        variable M2FP_TOKEN is set, clients must send it as a bearer token.
        """)

    @Option(help: "Address to listen on.")
    var host = "127.0.0.1"

    @Option(help: "Port to listen on; 0 for any free port.")
    var port = 7860

    @OptionGroup var parser: ParserOptions
    @OptionGroup var limits: ServiceLimitOptions

    @Option(
      help: ArgumentHelp(
        "File with the bearer token that clients must send; M2FP_TOKEN if absent.", valueName: "file"))
    var tokenFile: String?

    @Option(help: "Lowest level of messages in the log: debug, info, notice, warning, error.")
    var logLevel: Logger.Level = .info

    func validate() throws {
      guard (0...65535).contains(port) else {
        throw ValidationError("--port: expected 0 to 65535, found \(port)")
      }
    }

    func run() async throws {
      let reason: ExitReason
      do throws(Failure) {
        try await serve()
        reason = .success
      } catch {
        logger.error("\(error.message)")
        reason = error.status
      }
      if reason != .success { throw ExitCode(reason.rawValue) }
    }

    private func serve() async throws(Failure) {
      var configuration = ServiceConfiguration()
      configuration.host = host
      configuration.port = port
      configuration.token = try token()
      configuration.limits = limits.limits(images: parser.imageLimits)
      let parser = try parser.makeParser()
      var logger = Logger(label: "m2fp.serve", factory: { _ in JSONLogHandler() })
      logger.logLevel = logLevel
      let service: ParserService
      do {
        service = try ParserService(
          parser: parser, configuration: configuration, version: Version.current, logger: logger)
      } catch { throw Failure(.noInput, "\(error)") }
      do {
        let host = host
        try await service.run { [logger] port in
          logger.notice(
            "listening", metadata: ["url": "http://\(host.contains(":") ? "[\(host)]" : host):\(port)/"])
        }
      } catch { throw Failure(.inputOutput, "\(host):\(port): expected an address to listen on: \(error)") }
    }

    /// The text of a file, or of a pipe such as a shell's `<(…)`.
    private func text(of path: String) throws(Failure) -> String {
      let bytes =
        FilePath.kind(of: path) == .success(.file)
        ? (try? InputFile(path: path).contents()).map { Data($0) } : try? Data(contentsOf: FilePath.url(path))
      guard let text = bytes.flatMap({ String(data: $0, encoding: .utf8) }) else {
        throw Failure(.noInput, "\(path): expected a file that holds a token, which cannot be read")
      }
      return text
    }

    /// The token in the file or the environment. An empty token is an error, because it is most likely a mistake.
    private func token() throws(Failure) -> String? {
      let text: String
      if let tokenFile {
        text = try self.text(of: tokenFile)
      } else if let variable = ProcessInfo.processInfo.environment["M2FP_TOKEN"] {
        text = variable
      } else {
        return nil
      }
      let token = text.trimmingCharacters(in: .whitespacesAndNewlines)
      guard !token.isEmpty else {
        throw Failure(.usage, "\(tokenFile ?? "M2FP_TOKEN"): expected a token, found nothing")
      }
      return token
    }
  }
#endif
