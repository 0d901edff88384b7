/// The version of this package, as `m2fp --version` says it and as releases are tagged.
package enum Version {
  package static let current = "0.1.0"
}
