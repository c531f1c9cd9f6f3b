import SystemCalls

/// A system clock that differs from this host's, for the tools as they are built for tests.
///
/// A library that is loaded first answers `clock_gettime` in place of the C library. Other clocks,
/// the monotonic one among them, stay as they are.
struct OtherClock {
  private let directory: TemporaryDirectory

  /// Whether this host has a compiler for the library; Swift's toolchain brings one.
  static let isPossible = (try? OtherClock()) != nil

  /// The compiler is missing, or it failed.
  struct Unavailable: Error {}

  /// Compiles the library.
  init() throws {
    directory = try TemporaryDirectory()
    let source = try directory.write(Self.source, to: "clock.c")
    let call = "clang -shared -fPIC -o '\(library)' '\(source)'"
    let outcome = try BuiltTool.start("/bin/bash", ["--norc", "-c", call])
      .finish(seconds: deadlineSeconds)
    guard outcome.exitCode == 0 else { throw Unavailable() }
  }

  /// Sets how many seconds it is ahead of this host's clock, also for tools that run already.
  func set(secondsAhead: Int) throws {
    _ = try directory.write("\(secondsAhead)", to: "seconds")
  }

  /// Starts a tool that goes by it.
  func start(_ tool: BuiltTool, _ words: [String]) throws -> ToolProcess {
    try tool.start(
      afterShell: "export LD_PRELOAD='\(library)' CLOCK_FILE='\(directory.path)/seconds'", words)
  }

  private var library: String { directory.path + "/clock.so" }

  /// Reads the seconds to add from a file; adds none while it does not exist.
  private static let source = """
    #define _GNU_SOURCE
    #include <dlfcn.h>
    #include <stdio.h>
    #include <stdlib.h>
    #include <time.h>
    int clock_gettime(clockid_t id, struct timespec *time) {
      int (*real)(clockid_t, struct timespec *) = dlsym(RTLD_NEXT, "clock_gettime");
      int result = real(id, time);
      FILE *file = id == CLOCK_REALTIME ? fopen(getenv("CLOCK_FILE"), "r") : NULL;
      long seconds = 0;
      if (file && fscanf(file, "%ld", &seconds) == 1) time->tv_sec += seconds;
      if (file) fclose(file);
      return result;
    }
    """
}
