import TextFormats

/// The run behind a page: what it is, where it stands, and what viewers may do to it.
///
/// The server asks for facts and the standing between two frames, so these return at once. Actions
/// may wait for a machine; they are carried out on threads of their own.
package protocol PageHost: Sendable {
  /// What the run is, for viewers who may act or may not.
  func facts(allowsControl: Bool) -> PageFacts
  /// Where the run stands now.
  func standing() -> PageStanding
  /// The sentences since a number, in order, and how many there have been in all.
  func sentences(after count: Int) -> (texts: [String], count: Int)
  /// Carries out an action, and waits for its outcome.
  func perform(_ action: PageAction) -> PageAnswer
  /// Tells the run that so many viewers follow it now.
  func viewersChanged(to count: Int)
}

/// What a page shows of a run before anything has happened; keys as in its JSON.
package struct PageFacts: Encodable, Hashable, Sendable {
  /// A column of the workload.
  package struct Field: Encodable, Hashable, Sendable {
    /// Its name, as in the journals.
    package var name: String
    /// What it holds: `integer`, `boolean`, `machine`, `text` or `word`.
    package var kind: String
    /// The words that a column of words may hold; nil for others.
    package var words: [String]?

    /// Makes a column; `words` are those of a kind of words.
    package init(name: String, kind: String, words: [String]? = nil) {
      (self.name, self.kind, self.words) = (name, kind, words)
    }
  }

  /// The delay of messages.
  package struct Transit: Encodable, Hashable, Sendable {
    /// The least, in nanoseconds.
    package var leastNs: Int64
    /// The mean, in nanoseconds.
    package var meanNs: Int64
    /// As the option spells it.
    package var text: String

    /// Makes a delay, in nanoseconds and as its option spells it.
    package init(leastNs: Int64, meanNs: Int64, text: String) {
      (self.leastNs, self.meanNs, self.text) = (leastNs, meanNs, text)
    }

    private enum CodingKeys: String, CodingKey {
      case leastNs = "least_ns"
      case meanNs = "mean_ns"
      case text
    }
  }

  /// The run's name.
  package var name: String
  /// The program's version.
  package var version: String
  /// `threads`, `processes`, `virtual` or `hosts`.
  package var runtime: String
  /// How many machines there are.
  package var machines: Int
  /// Their instructions per second, in id order; nil where there are too many to tell.
  package var rates: [Int]?
  /// The seed, as text: it may exceed a page's numbers.
  package var seed: String
  /// The planned duration in nanoseconds; nil for a run without an end.
  package var durationNs: Int64?
  /// The topology's word.
  package var topology: String
  /// The machines with a channel from each, in id order; nil for the topology `complete`, and when
  /// there are too many.
  package var neighbours: [[Int]]?
  /// The workload's name.
  package var workload: String
  /// The fields of its messages.
  package var messageFields: [Field] = []
  /// The fields of its states that journals have.
  package var stateFields: [Field] = []
  /// The state field whose sum, with the message field beside it, never changes; nil for none.
  package var conserved: String?
  /// That message field; nil for none.
  package var conservedMessage: String?
  /// What each machine begins with of it, if all begin alike.
  package var conservedInitial: Int64?
  /// The delay of messages.
  package var delay: Transit
  /// The word of the snapshots' algorithm; nil for the usual one, which sends a marker on every
  /// channel.
  package var snapshotAlgorithm: String?
  /// Whether channels keep their messages in order.
  package var fifo = true
  /// How fast each queue grows by the fluid model, in messages per second, in id order, zero for
  /// one that stays bounded; nil where the model says nothing.
  package var queueGrowth: [Double]?
  /// Whether the machines write journals.
  package var journals: Bool
  /// False for a finished run.
  package var goesOn: Bool
  /// The actions that this viewer may take, by name.
  package var controls: [String]

  /// Makes the facts; the fields of the workload, and what it conserves, are set afterwards.
  package init(
    name: String, version: String, runtime: String, machines: Int, rates: [Int]?, seed: String,
    durationNs: Int64?, topology: String, workload: String, delay: Transit, journals: Bool,
    goesOn: Bool, controls: [String]
  ) {
    (self.name, self.version, self.runtime) = (name, version, runtime)
    (self.machines, self.rates, self.seed) = (machines, rates, seed)
    (self.durationNs, self.topology, self.workload) = (durationNs, topology, workload)
    (self.delay, self.journals, self.goesOn) = (delay, journals, goesOn)
    self.controls = controls
  }

  private enum CodingKeys: String, CodingKey {
    case name, version, runtime, machines, rates, seed, topology, neighbours, workload, conserved,
      delay, fifo, journals, controls
    case snapshotAlgorithm = "snapshot_algorithm"
    case queueGrowth = "queue_growth"
    case durationNs = "duration_ns"
    case messageFields = "message_fields"
    case stateFields = "state_fields"
    case conservedMessage = "conserved_message"
    case conservedInitial = "conserved_initial"
    case goesOn = "goes_on"
  }
}

/// Where a run stands; keys as in the frames of a stream.
package struct PageStanding: Encodable, Hashable, Sendable {
  /// Where a run is in its life.
  package enum State: String, Encodable, Sendable {
    /// It begins when a viewer says so.
    case waiting
    /// Time passes.
    case running
    /// Virtual time stands still.
    case paused
    /// It is over.
    case ended
  }

  /// Where it is.
  package var state: State
  /// The time since the run's start, in nanoseconds.
  package var nowNs: Int64 = 0
  /// The system time of the run's start; 0 in virtual time.
  package var startTimeNs: Int64 = 0
  /// How many seconds of virtual time pass in one of the viewer's; nil for no limit.
  package var speed: Double? = 1
  /// The machines that are dead, ascending.
  package var dead: [Int] = []
  /// The machines that are paused.
  package var held: [Int] = []
  /// The channels that are cut, as source and target.
  package var cut: [[Int]] = []
  /// The snapshots under way.
  package var begun: [String] = []
  /// The markers of these that have arrived, as far as machines report them.
  package var arrived: [Marker] = []
  /// How often the journals have begun anew; odd while they do, and are not to be read.
  package var generation = 0

  /// A marker that has arrived.
  package struct Marker: Encodable, Hashable, Sendable {
    /// The snapshot that it belongs to.
    package var snapshot: String
    /// The machine that sent it.
    package var from: Int
    /// The machine at which it has arrived.
    package var to: Int

    /// Makes a marker that has arrived.
    package init(snapshot: String, from: Int, to: Int) {
      (self.snapshot, self.from, self.to) = (snapshot, from, to)
    }
  }

  /// Makes the standing of a run that has not begun.
  package init(_ state: State) { self.state = state }

  private enum CodingKeys: String, CodingKey {
    case state, speed, dead, held, cut, begun, arrived
    case nowNs = "now_ns"
    case startTimeNs = "start_time_ns"
  }
}

/// What a viewer does to a run.
package enum PageAction: Hashable, Sendable {
  /// Begins the run.
  case start
  /// Makes this machine begin a snapshot.
  case snapshot(Int)
  /// Kills this machine.
  case kill(Int)
  /// Pauses this machine: it stops ticking.
  case pause(Int)
  /// Lets a paused machine tick again.
  case resume(Int)
  /// Cuts a channel, or both directions: messages on it are held.
  case cut(from: Int, to: Int, both: Bool)
  /// Joins a cut channel: it delivers what it holds.
  case join(from: Int, to: Int, both: Bool)
  /// Loses the oldest message in transit on a channel.
  case lose(from: Int, to: Int)
  /// Gives this machine an instruction, in its workload's words.
  case tell(Int, [String])
  /// Lets virtual time pass.
  case play
  /// Pauses virtual time.
  case stop
  /// Executes one tick.
  case step
  /// Undoes so many ticks.
  case back(events: Int)
  /// Sets how many seconds of virtual time pass in one of the viewer's; nil for no limit.
  case speed(Double?)
  /// Ends the run.
  case end

  /// Its name, as facts list it.
  package var name: String {
    switch self {
    case .start: "start"
    case .snapshot: "snapshot"
    case .kill: "kill"
    case .pause: "pause"
    case .resume: "resume"
    case .cut: "cut"
    case .join: "join"
    case .lose: "lose"
    case .tell: "tell"
    case .play: "play"
    case .stop: "stop"
    case .step: "step"
    case .back: "back"
    case .speed: "speed"
    case .end: "end"
    }
  }

  /// The body of a request.
  private struct Body: Decodable {
    var name: String
    var machine: Int?
    var from: Int?
    var to: Int?
    var both: Bool?
    var words: [String]?
    var events: Int?
    var factor: Double?

    enum CodingKeys: String, CodingKey {
      case machine, from, to, both, words, events, factor
      case name = "do"
    }
  }

  /// Reads an action.
  ///
  /// - Throws: ``HTTPRefusal/noAction(_:)`` with what is wrong with it.
  package init(_ bytes: [UInt8], machineCount: Int) throws(HTTPRefusal) {
    let body: Body
    do throws(JSONText.Failure) {
      body = try JSONText.decode(bytes)
    } catch {
      throw .noAction([error.key, error.problem].compactMap { $0 }.joined(separator: ": "))
    }
    func machine(_ number: Int?, _ key: String) throws(HTTPRefusal) -> Int {
      guard let number, 0..<machineCount ~= number else {
        throw .noAction("'\(key)' is not a machine's id, from 0 to \(machineCount - 1)")
      }
      return number
    }
    func channel() throws(HTTPRefusal) -> (from: Int, to: Int) {
      let (from, to) = (try machine(body.from, "from"), try machine(body.to, "to"))
      guard from != to else { throw .noAction("'from' and 'to' are the same machine") }
      return (from, to)
    }
    switch body.name {
    case "start": self = .start
    case "snapshot": self = .snapshot(try machine(body.machine, "machine"))
    case "kill": self = .kill(try machine(body.machine, "machine"))
    case "pause": self = .pause(try machine(body.machine, "machine"))
    case "resume": self = .resume(try machine(body.machine, "machine"))
    case "cut":
      let (from, to) = try channel()
      self = .cut(from: from, to: to, both: body.both ?? true)
    case "join":
      let (from, to) = try channel()
      self = .join(from: from, to: to, both: body.both ?? true)
    case "lose":
      let (from, to) = try channel()
      self = .lose(from: from, to: to)
    case "tell":
      guard let words = body.words, !words.isEmpty else { throw .noAction("'words' are missing") }
      self = .tell(try machine(body.machine, "machine"), words)
    case "play": self = .play
    case "stop": self = .stop
    case "step": self = .step
    case "back":
      guard let count = body.events, count > 0 else {
        throw .noAction("'events' is not a number above 0")
      }
      self = .back(events: count)
    case "speed":
      guard body.factor.map({ 0.001...1_000_000 ~= $0 }) ?? true else {
        throw .noAction("'factor' is not from 0.001 to 1000000, or null")
      }
      self = .speed(body.factor)
    case "end": self = .end
    default: throw .noAction("there is no '\(body.name)'")
    }
  }
}

/// What became of an action.
package enum PageAnswer: Hashable, Sendable {
  /// It is done, as this sentence says.
  case done(String)
  /// It was refused, for this reason.
  case refused(String)
}
