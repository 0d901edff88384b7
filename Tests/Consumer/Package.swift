// swift-tools-version: 6.2
import PackageDescription

/// Whether the package is used without its traits: no starter weights, no HTTP stack.
let withoutTraits = Context.environment["HUMAN_PARSING_WITHOUT_TRAITS"] != nil

// A package that uses HumanParsing as others do: by version, from a repository. `run` beside this file makes one.
let package = Package(
  name: "Consumer",
  dependencies: [
    .package(
      url: Context.environment["HUMAN_PARSING_REPOSITORY"] ?? "../human-parsing", from: "0.1.0",
      traits: withoutTraits ? [] : [.defaults])
  ],
  targets: [
    .executableTarget(
      name: "Consumer",
      dependencies: [
        .product(name: "HumanParsing", package: "human-parsing"),
        .product(name: "MaskMerging", package: "human-parsing"),
      ],
      swiftSettings: withoutTraits ? [.define("WITHOUT_TRAITS")] : []),
    // The Swift samples of README.md and Docs, which `run` puts here.
    .target(
      name: "DocumentationSamples",
      dependencies: [
        .product(name: "HumanParsing", package: "human-parsing"),
        .product(name: "MaskMerging", package: "human-parsing"),
      ]),
  ]
)
