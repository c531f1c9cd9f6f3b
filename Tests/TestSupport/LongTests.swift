import SystemCalls
import Testing

/// Tests that take longer than every day's work has room for.
public enum LongTests {
  /// Whether they are asked for: `SCALEMODEL_LONG_TESTS=1 swift test`, as `.ci/run` does.
  public static let areOn = ThisProcess.environment("SCALEMODEL_LONG_TESTS") != nil

  /// All cases when they are asked for, else the first few.
  public static func first<Case>(_ count: Int, of cases: [Case]) -> [Case] {
    areOn ? cases : Array(cases.prefix(count))
  }
}

extension Trait where Self == ConditionTrait {
  /// Leaves a test to `SCALEMODEL_LONG_TESTS=1`.
  ///
  /// For one of several tests of a subject. Where there is no other, leave some of its cases to it:
  /// ``LongTests/first(_:of:)``.
  public static var long: Self { .enabled("it is a long test") { LongTests.areOn } }
}
