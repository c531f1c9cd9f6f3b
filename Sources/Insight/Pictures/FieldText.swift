import RunRecord
import ScaleModel

/// Values of fields as people read them.
enum FieldText {
  /// A value; a large number in groups of three digits.
  static func of(_ value: FieldValue) -> String {
    if case .integer(let number) = value { DecimalText.grouped(number) } else { "\(value)" }
  }

  /// The values of fields without their names: `request, 12`; nil when there is none.
  static func of(_ values: some Sequence<FieldValue>) -> String? {
    let words = values.filter { $0 != .nothing }.map(of)
    return words.isEmpty ? nil : words.joined(separator: ", ")
  }

  /// The named values: ` kind=request phase=waiting`, each behind a space.
  static func story(_ fields: [FieldDeclaration], _ values: [FieldValue]) -> String {
    zip(fields, values).filter { $0.1 != .nothing }
      .map { " \($0.0.name)=\("\($0.1)".inOneLine)" }.joined()
  }
}
