public import ArgumentParser
public import HumanParsing
public import Logging
package import M2FP
public import MaskMerging

// How types of the libraries are written on the command line.

extension Precision: ExpressibleByArgument {}

extension CheckpointConverter.StoragePrecision: ExpressibleByArgument {}

extension Label: ExpressibleByArgument {
  public init?(argument: String) {
    self.init(argument)
  }
}

extension Logger.Level: @retroactive ExpressibleByArgument {}
