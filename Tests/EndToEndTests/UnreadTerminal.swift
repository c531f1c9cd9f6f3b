import SystemCalls

/// A terminal, as a program finds it that runs in one; a test sits at the other end.
final class UnreadTerminal {
  /// The end of whoever sits there: what is shown can be read from it, what is typed written to it.
  let screen: Descriptor
  /// What the program gets as its standard streams.
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

  /// Starts the tool in it, as the session's leader.
  func start(_ words: [String]) throws -> ChildProcess {
    try ChildProcess.start(
      "/usr/bin/setsid", arguments: ["--ctty", BuiltTool.scalemodel.path] + words,
      streams: .init(input: line, output: line, error: line))
  }
}

extension ChildProcess {
  /// How it ended within so long; nil when it had to be killed.
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
