package import TensorKernelBodies

package typealias LevelShape = TensorKernelBodies.LevelShape
