import Page
import ScaleModel

/// What a viewer did to a run, as `interventions` in its manifest has it: `at 3.2s kill 1`.
struct Intervention: Hashable {
  /// What can be done.
  enum Act: Hashable {
    case snapshot(Int)
    case kill(Int)
    case pause(Int)
    case resume(Int)
    case cut(from: Int, to: Int)
    case join(from: Int, to: Int)
    case lose(from: Int, to: Int)
    case tell(Int, [String])
  }

  /// When, since the run's start.
  let time: TimeSpan
  let act: Act

  init(_ act: Act, at time: TimeSpan) {
    (self.act, self.time) = (act, time)
  }

  /// The acts of a viewer's action at a time; none for an action that is no intervention.
  static func all(of action: PageAction, at time: TimeSpan) -> [Intervention] {
    let acts: [Act] =
      switch action {
      case .snapshot(let machine): [.snapshot(machine)]
      case .kill(let machine): [.kill(machine)]
      case .pause(let machine): [.pause(machine)]
      case .resume(let machine): [.resume(machine)]
      case .cut(let from, let to, let both):
        [.cut(from: from, to: to)] + (both ? [.cut(from: to, to: from)] : [])
      case .join(let from, let to, let both):
        [.join(from: from, to: to)] + (both ? [.join(from: to, to: from)] : [])
      case .lose(let from, let to): [.lose(from: from, to: to)]
      case .tell(let machine, let words): [.tell(machine, words)]
      default: []
      }
    return acts.map { Intervention($0, at: time) }
  }

  /// The line of a manifest.
  var text: String {
    let words =
      switch act {
      case .snapshot(let machine): "snapshot \(machine)"
      case .kill(let machine): "kill \(machine)"
      case .pause(let machine): "pause \(machine)"
      case .resume(let machine): "resume \(machine)"
      case .cut(let from, let to): "cut \(from) \(to)"
      case .join(let from, let to): "join \(from) \(to)"
      case .lose(let from, let to): "lose \(from) \(to)"
      case .tell(let machine, let words): "tell \(machine) \(words.joined(separator: " "))"
      }
    return "at \(time) \(words)"
  }

  /// The options of a run that do the same, in the order of a command.
  ///
  /// What is not ended lasts to the end of the run.
  ///
  /// - Parameters:
  ///   - interventions: In the order of their times.
  ///   - end: The run's duration.
  /// - Returns: An option and its value in each word.
  static func optionWords(_ interventions: [Intervention], end: TimeSpan) -> [String] {
    var words: [String] = []
    for (index, intervention) in interventions.enumerated() {
      let time = intervention.time
      func until(_ ending: Act) -> TimeSpan {
        interventions[index...].first { $0.act == ending }?.time ?? end
      }
      func add(_ option: String, until ending: Act, _ ids: String) {
        let last = until(ending)
        if time < last { words.append("--\(option)=\(time)...\(last)@\(ids)") }
      }
      switch intervention.act {
      case .snapshot(let machine): words.append("--snapshot-at=\(time)@\(machine)")
      case .kill(let machine): words.append("--kill=\(time)@\(machine)")
      case .pause(let machine): add("pause", until: .resume(machine), "\(machine)")
      case .cut(let from, let to):
        add("partition", until: .join(from: from, to: to), "\(from):\(to)")
      case .lose(let from, let to): words.append("--lose=\(time)@\(from):\(to)")
      case .tell(let machine, let told):
        words.append("--tell=\(time)@\(machine):\(told.joined(separator: " "))")
      case .resume, .join: break
      }
    }
    return words
  }
}
