import ScaleModel

/// The values of fields by their names, as they stand in JSON objects; fields without a value are
/// left out.
///
/// - Invariant: Names are in ascending order, each once.
package struct NamedValues: Hashable, Sendable {
  /// A field that has a value.
  package struct Entry: Hashable, Sendable {
    /// The field's name.
    package let name: String
    /// Its value, never `nothing`.
    package let value: FieldValue
  }

  /// The fields, in ascending order of names.
  package private(set) var entries: [Entry] = []

  /// Without any field.
  package init() {}

  /// Names the values of declared fields, which are in the same order.
  package init(_ fields: [FieldDeclaration], _ values: [FieldValue]) {
    if values.isEmpty { return }
    entries = zip(fields, values).filter { $0.1 != .nothing }
      .map { Entry(name: $0.0.name, value: $0.1) }.sorted { $0.name < $1.name }
  }

  /// The value of the field with that name; `nothing` when it has none.
  package subscript(name: String) -> FieldValue {
    get { entries.first { $0.name == name }?.value ?? .nothing }
    set {
      entries.removeAll { $0.name == name }
      guard newValue != .nothing else { return }
      let index = entries.firstIndex { $0.name > name } ?? entries.count
      entries.insert(Entry(name: name, value: newValue), at: index)
    }
  }

  /// The values of `fields`, in their order.
  package func values(of fields: [FieldDeclaration]) -> [FieldValue] {
    fields.map { self[$0.name] }
  }
}

/// A key that a workload's field names.
struct FieldKey: CodingKey {
  let stringValue: String
  var intValue: Int? { nil }

  init(_ name: String) { stringValue = name }
  init?(stringValue: String) { self.init(stringValue) }
  init?(intValue: Int) { nil }
}

extension NamedValues {
  /// Reads the keys of an object that are not among its own.
  init(from decoder: any Decoder, besides own: (some CodingKey).Type) throws {
    let container = try decoder.container(keyedBy: FieldKey.self)
    entries = try container.allKeys.filter { own.init(stringValue: $0.stringValue) == nil }
      .map { Entry(name: $0.stringValue, value: try container.decode(FieldValue.self, forKey: $0)) }
      .filter { $0.value != .nothing }.sorted { $0.name < $1.name }
  }

  /// Writes a key for each field into the object that `encoder` writes.
  func encode(besides encoder: any Encoder) throws {
    if entries.isEmpty { return }
    var container = encoder.container(keyedBy: FieldKey.self)
    for entry in entries { try container.encode(entry.value, forKey: FieldKey(entry.name)) }
  }
}

extension NamedValues: Codable {
  private enum NoKey: CodingKey {}

  /// Reads an object with a key for each field.
  ///
  /// - Throws: `DecodingError` for anything else.
  package init(from decoder: any Decoder) throws {
    try self.init(from: decoder, besides: NoKey.self)
  }

  /// Writes an object with a key for each field.
  ///
  /// - Throws: What the encoder throws.
  package func encode(to encoder: any Encoder) throws {
    _ = encoder.container(keyedBy: FieldKey.self)
    try encode(besides: encoder)
  }
}
