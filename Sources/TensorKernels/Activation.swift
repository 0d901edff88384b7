/// The nonlinearity that a layer applies to what it computed.
package enum Activation: Sendable {
  case none
  /// max(x, 0), which keeps NaN.
  case relu
}
