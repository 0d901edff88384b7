import Testing

/// Tests against the program itself. They block their thread while they wait for it, so there is one at a time.
@Suite(.serialized) enum ServiceProcessTests {}
