/// y = activation(x · scale + shift), channel by channel.
public struct ChannelTransform {
  public var x: FloatRows
  /// May be x.
  public var y: FloatRows
  public var rows: Int
  public var channels: Int
  /// (channels).
  public var scale: UnsafePointer<Float>
  /// (channels).
  public var shift: UnsafePointer<Float>
  /// Whether the result is max(C, 0).
  public var appliesReLU: Bool

  @inlinable
  public init(
    x: FloatRows, y: FloatRows, rows: Int, channels: Int, scale: UnsafePointer<Float>, shift: UnsafePointer<Float>,
    appliesReLU: Bool
  ) {
    self.x = x
    self.y = y
    self.rows = rows
    self.channels = channels
    self.scale = scale
    self.shift = shift
    self.appliesReLU = appliesReLU
  }

  @inlinable @inline(__always)
  public func transform<Instructions: VectorInstructions>(_: Instructions.Type) {
    let width = Instructions.Vector.scalarCount
    for row in 0..<rows {
      let (source, target) = (x.row(row), y.row(row))
      var channel = 0
      while channel &+ width <= channels {
        let product = Instructions.Vector(at: source + channel) * Instructions.Vector(at: scale + channel)
        let value = product + Instructions.Vector(at: shift + channel)
        (appliesReLU ? value.relu : value).store(to: target + channel)
        channel &+= width
      }
      while channel < channels {
        let value = source[channel] * scale[channel] + shift[channel]
        target[channel] = appliesReLU && value < 0 ? 0 : value
        channel &+= 1
      }
    }
  }
}
