/// A number and what it counts, as people read them: `1 message`, `2 messages`.
///
/// - Parameters:
///   - count: How many.
///   - noun: One of them.
///   - plural: Several of them, unless that is the noun and an `s`.
/// - Returns: The words.
package func counted(
  _ count: some BinaryInteger, _ noun: String, plural: String? = nil
) -> String {
  "\(count) \(count == 1 ? noun : plural ?? noun + "s")"
}
