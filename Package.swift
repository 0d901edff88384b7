// swift-tools-version: 6.2
import PackageDescription

let settings: [SwiftSetting] = [
  .enableUpcomingFeature("ExistentialAny"),
  .enableUpcomingFeature("InternalImportsByDefault"),
]

/// Compiles a module for these instructions of x86-64; other architectures get an empty module. Clang heeds what follows
/// `-Xarch_x86_64` where it compiles for that architecture, whichever the manifest itself is compiled for.
func instructions(_ names: String...) -> [SwiftSetting] {
  let flags = ["-Qunused-arguments"] + names.flatMap { ["-Xarch_x86_64", "-m\($0)"] }
  return [.unsafeFlags(flags.flatMap { ["-Xcc", $0] })]
}

/// Test suites that need nothing but the module under test and the shared test support.
func unitTests(of module: String, also dependencies: [Target.Dependency] = [], resources: [Resource]? = nil) -> Target {
  .testTarget(
    name: "\(module)Tests", dependencies: [.byName(name: module), "TestSupport"] + dependencies,
    resources: resources, swiftSettings: settings)
}

/// What only the service needs is neither fetched nor compiled where a package that depends on this one leaves it out.
let service = TargetDependencyCondition.when(traits: ["Service"])

/// The kernels' benchmarks need a package that nothing else here does, so whoever wants them asks for them.
let kernelBenchmarks = Context.environment["M2FP_KERNEL_BENCHMARKS"] != nil

let package = Package(
  name: "HumanParsing",
  platforms: [.macOS(.v15), .iOS(.v18), .tvOS(.v18), .visionOS(.v2)],
  products: [
    .library(name: "HumanParsing", targets: ["HumanParsing"]),
    .library(name: "MaskMerging", targets: ["MaskMerging"]),
    .executable(name: "m2fp", targets: ["M2FPTool"]),
  ],
  traits: [
    .trait(name: "StarterWeights", description: "The weights that ship with the package, 26 MB of resources"),
    .trait(name: "Service", description: "`m2fp serve`, the HTTP service, with SwiftNIO and Hummingbird beneath it"),
    .default(enabledTraits: ["StarterWeights", "Service"]),
  ],
  dependencies: [
    .package(url: "https://github.com/apple/swift-argument-parser", from: "1.8.2"),
    .package(url: "https://github.com/apple/swift-collections", from: "1.6.0"),
    .package(url: "https://github.com/apple/swift-http-types", from: "1.8.0"),
    .package(url: "https://github.com/apple/swift-log", from: "1.16.2"),
    .package(url: "https://github.com/apple/swift-metrics", from: "2.13.0"),
    .package(url: "https://github.com/apple/swift-nio", from: "2.101.2"),
    .package(url: "https://github.com/apple/swift-nio-extras", from: "1.35.2"),
    .package(url: "https://github.com/apple/swift-system", from: "1.8.1"),
    .package(url: "https://github.com/hummingbird-project/hummingbird", from: "2.28.1"),
    .package(url: "https://github.com/swiftlang/swift-subprocess", from: "1.0.2", traits: []),
    .package(url: "https://github.com/swift-server/swift-service-lifecycle", from: "2.13.0"),
  ],
  targets: [
    // Layer 0: system libraries.
    .systemLibrary(name: "CPNG", pkgConfig: "libpng", providers: [.apt(["libpng-dev"])]),
    .systemLibrary(name: "CJPEG", pkgConfig: "libjpeg", providers: [.apt(["libjpeg-dev"])]),
    .systemLibrary(name: "CWebP", pkgConfig: "libwebpdemux", providers: [.apt(["libwebp-dev"])]),
    .systemLibrary(name: "CTIFF", pkgConfig: "libtiff-4", providers: [.apt(["libtiff-dev"])]),
    .systemLibrary(name: "CHEIF", pkgConfig: "libheif", providers: [.apt(["libheif-dev"])]),
    .systemLibrary(name: "CLCMS", pkgConfig: "lcms2", providers: [.apt(["liblcms2-dev"])]),
    .systemLibrary(name: "CZlib", pkgConfig: "zlib", providers: [.apt(["zlib1g-dev"])]),
    .systemLibrary(name: "CCrypto", pkgConfig: "libcrypto", providers: [.apt(["libssl-dev"])]),
    // OpenEXR's own description names a flag of compilers that the package manager warns of; Imath's has the same folders.
    .systemLibrary(name: "COpenEXR", pkgConfig: "Imath", providers: [.apt(["libopenexr-dev"])]),
    .systemLibrary(name: "CProcessor"),
    .systemLibrary(name: "CTiles"),
    .target(name: "CImageShims", dependencies: ["CPNG", "CJPEG", "CLCMS", "CTIFF", "CHEIF"]),
    .target(
      name: "COpenEXRShims", dependencies: ["COpenEXR"],
      linkerSettings: ["OpenEXR", "OpenEXRCore", "Iex", "Imath"].map { .linkedLibrary($0) }),

    // Layer 1: the operating system, memory and threads; the vector bodies of kernels, compiled once for each
    // instruction set. What an instruction set's module holds may run only where the processor has it.
    .target(
      name: "Platform", dependencies: [.product(name: "SystemPackage", package: "swift-system")],
      swiftSettings: settings),
    .target(
      name: "Digests", dependencies: [.target(name: "CCrypto", condition: .when(platforms: [.linux]))],
      swiftSettings: settings),
    .target(name: "OpenBLAS", dependencies: ["Platform"], swiftSettings: settings),
    .target(name: "TensorCore", dependencies: ["CProcessor", "Platform"], swiftSettings: settings),
    .target(name: "TensorKernelBodies", swiftSettings: settings),
    .target(
      name: "TensorKernelsAVX2", dependencies: ["TensorKernelBodies"],
      swiftSettings: settings + instructions("avx2", "fma")),
    .target(
      name: "TensorKernelsAVX512", dependencies: ["TensorKernelBodies"],
      swiftSettings: settings + instructions("avx512f", "avx512bw", "avx512vl", "avx512dq", "fma")),
    .target(
      name: "TensorKernelsAVXVNNI", dependencies: ["TensorKernelBodies"],
      swiftSettings: settings + instructions("avx2", "fma", "avxvnni")),
    // The compiler takes AMX's instructions for AMX's intrinsics alone, so that what uses VNNI runs without AMX, too.
    .target(
      name: "TensorKernelsVNNI", dependencies: ["TensorKernelBodies", "CTiles"],
      swiftSettings: settings
        + instructions("avx512f", "avx512bw", "avx512vl", "avx512dq", "avx512vnni", "amx-tile", "amx-int8")),

    // Layer 2: kernels, files of weights, files of pixels, names of frames.
    .target(
      name: "TensorKernels",
      dependencies: [
        "Platform", "TensorCore", "CProcessor", "TensorKernelBodies",
        "TensorKernelsAVX2", "TensorKernelsAVX512", "TensorKernelsAVXVNNI", "TensorKernelsVNNI", "OpenBLAS",
      ],
      swiftSettings: settings),
    .target(name: "Checkpoints", dependencies: ["CZlib", "Platform", "TensorCore"], swiftSettings: settings),
    .target(
      name: "ImageCoding",
      dependencies: [
        "Platform", "TensorCore", "CImageShims", "CPNG", "CJPEG", "CWebP", "CZlib", "TensorKernelBodies",
        "TensorKernelsAVX2", "TensorKernelsAVX512",
      ],
      swiftSettings: settings),

    // Film: plates in scene-linear light, and mattes as compositors load them.
    .target(
      name: "EXRFiles", dependencies: ["COpenEXRShims", "ImageCoding", "Platform"], swiftSettings: settings),

    .target(name: "FrameSequences", dependencies: ["Platform"], swiftSettings: settings),

    // Videos, through ffmpeg as a program of its own.
    .target(
      name: "VideoFrames",
      dependencies: [
        "ImageCoding", "Platform", .product(name: "Subprocess", package: "swift-subprocess"),
        .product(
          name: "SystemPackage", package: "swift-system", condition: .when(platforms: [.linux, .android])),
      ],
      swiftSettings: settings),

    // Layer 3: the network, and what becomes of its masks.
    .target(
      name: "M2FP", dependencies: ["Checkpoints", "Platform", "TensorCore", "TensorKernels"], swiftSettings: settings),
    .target(
      name: "MaskMerging", dependencies: ["ImageCoding", "Platform", "TensorCore", "TensorKernels"],
      swiftSettings: settings),

    .target(name: "OpticalFlow", dependencies: ["ImageCoding"], swiftSettings: settings),

    // Layer 4: what other Swift code imports.
    .target(
      name: "HumanParsing",
      dependencies: [
        "Checkpoints", "ImageCoding", "M2FP", "MaskMerging", "OpticalFlow", "Platform", "TensorCore", "TensorKernels",
        .target(name: "StarterWeights", condition: .when(traits: ["StarterWeights"])),
      ],
      swiftSettings: settings),
    .target(
      name: "StarterWeights", dependencies: ["Platform"], path: "Weights",
      exclude: ["README.md", "credits.tsv", "remake", "training"],
      resources: [.copy("starter-fp16.safetensors"), .copy("starter-int8.safetensors")], swiftSettings: settings),

    .target(
      name: "NetworkPruning",
      dependencies: ["Checkpoints", "HumanParsing", "ImageCoding", "M2FP", "OpenBLAS", "TensorCore", "TensorKernels"],
      swiftSettings: settings),

    // Layer 5: programs, and the service that one of them starts.
    .target(
      name: "ParserService",
      dependencies: [
        "CZlib", "Digests", "HumanParsing", "ImageCoding", "MaskMerging", "Platform", "TensorCore",
        .product(name: "CoreMetrics", package: "swift-metrics", condition: service),
        .product(name: "DequeModule", package: "swift-collections", condition: service),
        .product(name: "HTTPTypes", package: "swift-http-types", condition: service),
        .product(name: "Hummingbird", package: "hummingbird", condition: service),
        .product(name: "HummingbirdCore", package: "hummingbird", condition: service),
        .product(name: "Logging", package: "swift-log", condition: service),
        .product(name: "NIOCore", package: "swift-nio", condition: service),
        .product(name: "NIOHTTP1", package: "swift-nio", condition: service),
        .product(name: "NIOHTTPTypes", package: "swift-nio-extras", condition: service),
        .product(name: "NIOPosix", package: "swift-nio", condition: service),
        .product(name: "ServiceLifecycle", package: "swift-service-lifecycle", condition: service),
        .product(name: "UnixSignals", package: "swift-service-lifecycle", condition: service),
      ],
      resources: [.copy("Page")], swiftSettings: settings),
    .executableTarget(
      name: "M2FPTool",
      dependencies: [
        "Checkpoints", "Digests", "EXRFiles", "FrameSequences", "HumanParsing", "ImageCoding", "M2FP", "MaskMerging",
        "NetworkPruning", "OpenBLAS", "Platform", "TensorCore", "TensorKernels", "VideoFrames",
        .target(name: "ParserService", condition: service),
        .product(name: "ArgumentParser", package: "swift-argument-parser"),
        .product(name: "Logging", package: "swift-log"),
      ],
      swiftSettings: settings),

    // What measures the package: the reckoning, which tests can import, and the program, which counts allocations.
    .target(
      name: "BenchmarkSupport", dependencies: ["M2FP", "Platform", "TensorCore", "TensorKernels"],
      path: "Benchmarks/BenchmarkSupport",
      swiftSettings: settings),
    .target(name: "CAllocationCount", path: "Benchmarks/CAllocationCount"),
    .executableTarget(
      name: "bench",
      dependencies: [
        "CAllocationCount", "Checkpoints", "EXRFiles", "HumanParsing", "ImageCoding", "M2FP", "MaskMerging",
        "BenchmarkSupport", "Platform", "StarterWeights", "TensorCore", "TensorKernels",
        .product(name: "ArgumentParser", package: "swift-argument-parser"),
      ],
      path: "Benchmarks/bench", swiftSettings: settings),

    // Tests. The scalar twin of every kernel lives in KernelTestSupport; KernelTrial compares both without a test library,
    // which is what runs on other processors: see .ci/aarch64.
    .target(
      name: "KernelTestSupport", dependencies: ["Platform", "TensorCore"], path: "Tests/KernelTestSupport",
      swiftSettings: settings),
    .executableTarget(
      name: "KernelTrial",
      dependencies: ["KernelTestSupport", "Platform", "TensorCore", "TensorKernelBodies", "TensorKernels"],
      path: "Tests/KernelTrial", swiftSettings: settings),
    .target(
      name: "TestSupport", dependencies: ["Checkpoints", "KernelTestSupport", "TensorCore"], path: "Tests/TestSupport",
      swiftSettings: settings),
    unitTests(of: "Platform"),
    unitTests(of: "TensorCore"),
    unitTests(of: "TensorKernels", also: ["TensorCore"], resources: [.copy("Fixtures")]),
    unitTests(of: "EXRFiles", also: ["ImageCoding"], resources: [.copy("Fixtures")]),
    unitTests(of: "FrameSequences"),
    unitTests(of: "Checkpoints", also: ["Platform"], resources: [.copy("Fixtures")]),
    unitTests(of: "ImageCoding", also: ["CImageShims", "Platform", "TensorCore"], resources: [.copy("Fixtures")]),
    unitTests(of: "VideoFrames", also: ["ImageCoding", "Platform"]),
    unitTests(of: "MaskMerging", also: ["ImageCoding", "TensorCore"], resources: [.copy("Fixtures")]),
    unitTests(of: "OpticalFlow", also: ["ImageCoding", "KernelTestSupport"], resources: [.copy("Fixtures")]),
    unitTests(of: "M2FP", also: ["Checkpoints", "TensorCore", "TensorKernels"]),
    unitTests(
      of: "HumanParsing",
      also: [
        "Checkpoints", "ImageCoding", "KernelTestSupport", "M2FP", "MaskMerging", "StarterWeights", "TensorCore",
      ]),
    unitTests(of: "BenchmarkSupport", also: ["M2FP"]),
    .testTarget(
      name: "ParserServiceTests",
      dependencies: [
        "HumanParsing", "ImageCoding", "MaskMerging", "ParserService", "Platform", "TestSupport", "M2FPTool",
        .product(name: "CoreMetrics", package: "swift-metrics", condition: service),
        .product(name: "HummingbirdCore", package: "hummingbird", condition: service),
        .product(name: "NIOCore", package: "swift-nio", condition: service),
      ],
      swiftSettings: settings),
    unitTests(of: "NetworkPruning", also: ["Checkpoints", "HumanParsing", "M2FP", "OpenBLAS", "TensorCore"]),
    .testTarget(
      name: "CommandLineTests", dependencies: ["EXRFiles", "ImageCoding", "TestSupport", "M2FPTool", "VideoFrames"],
      swiftSettings: settings),
  ],
  swiftLanguageModes: [.v6],
  cxxLanguageStandard: .cxx17
)

if kernelBenchmarks {
  package.dependencies.append(.package(url: "https://github.com/google/swift-benchmark", from: "0.1.2"))
  package.targets.append(
    .executableTarget(
      name: "kernels",
      dependencies: [
        "ImageCoding", "BenchmarkSupport", "Platform", "TensorCore", "TensorKernels",
        .product(name: "ArgumentParser", package: "swift-argument-parser"),
        .product(name: "Benchmark", package: "swift-benchmark"),
      ],
      path: "Benchmarks/Kernels", swiftSettings: settings))
}

/// The documentation is made by a plugin that nothing else here needs.
if Context.environment["M2FP_DOCUMENTATION"] != nil {
  package.dependencies.append(.package(url: "https://github.com/swiftlang/swift-docc-plugin", from: "1.5.0"))
}
