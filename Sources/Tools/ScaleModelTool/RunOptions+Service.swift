import CommandLineKit
import ScaleModel
import SystemCalls
import Transport

/// The option `--grpc`.
extension RunOptions {
  static func servedEndpoint(_ word: String) -> Endpoint? {
    HostText.split(word).map { Endpoint(host: $0.host ?? "127.0.0.1", port: $0.port) }
  }

  /// Refuses a service that this program lacks, or without enough ports.
  static func firstServed(
    from words: ParsedWords, plan: RunPlan, runtime: RuntimeWord
  ) throws(UsageError) -> Endpoint? {
    guard let endpoint = try words.value(of: grpc) else { return nil }
    guard GRPCSupport.isPossible else {
      throw .contradiction(
        "--grpc is not available: \(GRPCSupport.remedy)")
    }
    guard runtime != .virtual else {
      throw .contradiction(
        "--grpc needs machines that clients can reach; leave --runtime virtual out")
    }
    guard Int(endpoint.port) <= 65_536 - plan.machineCount else {
      throw .contradiction(
        "--grpc \(endpoint.port) leaves no room for \(plan.machineCount) machines; take a smaller "
          + "port")
    }
    return endpoint
  }
}
