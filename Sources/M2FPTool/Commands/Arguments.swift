public import ArgumentParser
public import HumanParsing
public import Logging
package import M2FP

// How types of the libraries are written on the command line.

extension Precision: ExpressibleByArgument {}

extension CheckpointConverter.StoragePrecision: ExpressibleByArgument {}

extension CalibrationMethod: ExpressibleByArgument {}

extension Logger.Level: @retroactive ExpressibleByArgument {}
