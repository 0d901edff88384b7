/// The blocks that a ResNet of some depth consists of: channels, strides and dilations, computed once from the
/// configuration (He et al., arXiv 1512.03385, table 1; dilation and multi-grid from DeepLab, arXiv 1706.05587).
package struct ResNetPlan {
  package struct Block: Equatable {
    package enum Kind: Equatable {
      case basic
      /// Channels between the two 1 × 1 convolutions.
      case bottleneck(width: Int)
    }
    package let kind: Kind
    package let inputs: Int
    package let outputs: Int
    package let stride: Int
    package let dilation: Int

    /// Whether the shortcut is a convolution. It is in the first block of a stage, which changes the number of
    /// channels; elsewhere it is the identity.
    package var hasShortcut: Bool { inputs != outputs }
  }

  package struct Stage: Equatable {
    /// 2 to 5, as in `res2` to `res5`.
    package let number: Int
    package let blocks: [Block]
  }

  package let stages: [Stage]
  /// Channels of `res2` to `res5`.
  package var outputChannels: [Int] { stages.map { $0.blocks.last?.outputs ?? 0 } }

  private static let blockCounts = [
    18: [2, 2, 2, 2], 34: [3, 4, 6, 3], 50: [3, 4, 6, 3], 101: [3, 4, 23, 3], 152: [3, 8, 36, 3],
  ]

  package init(_ backbone: Configuration.Backbone) {
    var inputs = backbone.stemOutChannels
    var stages: [Stage] = []
    for (index, count) in (Self.blockCounts[backbone.depth] ?? []).enumerated() {
      let number = index + 2
      let outputs = backbone.res2OutChannels << index
      let dilation = number == 4 ? backbone.res4Dilation : number == 5 ? backbone.res5Dilation : 1
      let stride = number == 2 || dilation > 1 ? 1 : 2
      let kind: Block.Kind = backbone.depth < 50 ? .basic : .bottleneck(width: backbone.widthPerGroup << index)
      let blocks = (0..<count).map { block in
        let grid = number == 5 ? backbone.res5MultiGrid[block % backbone.res5MultiGrid.count] : 1
        return Block(
          kind: kind, inputs: block == 0 ? inputs : outputs, outputs: outputs, stride: block == 0 ? stride : 1,
          dilation: dilation * grid)
      }
      stages.append(Stage(number: number, blocks: blocks))
      inputs = outputs
    }
    self.stages = stages
  }
}
