import ScaleModel

/// The classic algorithms that come with the laboratory, in the order of the help.
public enum ShippedWorkloads {
  /// All of them.
  public static let all: [any NamedWorkload.Type] = [
    LamportMutex.self, RicartAgrawalaMutex.self, TokenRing.self, RingElection.self,
    DijkstraScholten.self, EchoWave.self,
  ]
}
