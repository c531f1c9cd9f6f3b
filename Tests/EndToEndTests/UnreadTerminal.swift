import SystemCalls

/// A pseudoterminal for a program; the test is at the other end.
final class UnreadTerminal {
  /// The test's end: it reads what is shown, and writes what is typed.
  let screen: Descriptor
  /// The program's standard streams.
  let line: Descriptor

  init() throws {
    var (screen, line): (Int32, Int32) = (-1, -1)
    guard csystem_make_terminal(&screen, &line) == 0 else {
      throw SystemError(call: "posix_openpt")
    }
    self.screen = Descriptor(screen)
    self.line = Descriptor(line)
    self.screen.setNonBlocking()
  }

  deinit {
    screen.end()
    line.end()
  }

  /// Starts the tool in it, as the session leader.
  func start(_ words: [String]) throws -> ChildProcess {
    try ChildProcess.start(
      "/usr/bin/setsid", arguments: ["--ctty", BuiltTool.scalemodel.path] + words,
      streams: .init(input: line, output: line, error: line))
  }
}

extension ChildProcess {
  /// How it ended within the time; nil when it had to be killed.
  func ending(withinSeconds seconds: Double) -> Ending? {
    var ending: Ending?
    _ = waitUntil(seconds: seconds) {
      ending = self.endingIfEnded()
      return ending != nil
    }
    if ending == nil {
      signal(SIGKILL)
      _ = waitForEnding()
    }
    return ending
  }
}
