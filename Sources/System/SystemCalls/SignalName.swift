/// Names of signals.
package enum SignalName {
  /// The name of a signal; its number for a rare one.
  package static func of(_ number: Int32) -> String {
    switch number {
    case SIGKILL: "SIGKILL"
    case SIGTERM: "SIGTERM"
    case SIGSEGV: "SIGSEGV"
    case SIGABRT: "SIGABRT"
    case SIGILL: "SIGILL"
    case SIGTRAP: "SIGTRAP"
    case SIGBUS: "SIGBUS"
    case SIGHUP: "SIGHUP"
    case SIGQUIT: "SIGQUIT"
    case SIGINT: "SIGINT"
    default: "signal \(number)"
    }
  }
}
