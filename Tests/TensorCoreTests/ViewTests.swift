import TensorCore
import Testing

@Suite(.timeLimit(.minutes(10))) struct ViewTests {
  @Test func matrixViewsShareMemory() {
    let constant = Constant((0..<24).map { Float($0) })
    let matrix = Matrix(constant, rows: 4, columns: 6)
    #expect(matrix.rowStride == 6 && matrix.isContiguous)
    #expect(matrix.row(2)[3] == 15)
    let part = matrix.rows(1..<4).columns(2..<5)
    #expect((part.rows, part.columns, part.rowStride) == (3, 3, 6))
    #expect(part.row(0)[0] == 8 && part.row(2)[2] == 22)
    #expect(!part.isContiguous)
    #expect(part.rows(0..<1).isContiguous)
    #expect(part.rows(1..<1).rows == 0)
  }

  @Test func featureMapIsItsTokens() {
    let arena = Arena()
    let tensor = arena.tensor(height: 2, width: 3, channels: 4)
    for index in tensor.elements.indices { tensor.elements[index] = Float(index) }
    let map = tensor.map
    #expect(map.count == 24 && tensor.count == 24)
    #expect(map.pixel(1, 2)[3] == 23)
    #expect((map.tokens.rows, map.tokens.columns) == (6, 4))
    #expect(map.tokens.row(4)[1] == map.pixel(1, 1)[1])
    #expect(tensor.matrix.base == map.base)
  }

  @Test func tokenMatrixIsATensor() {
    let arena = Arena()
    let tensor = arena.matrix(rows: 5, columns: 7)
    #expect((tensor.height, tensor.width, tensor.channels) == (5, 1, 7))
    #expect((tensor.matrix.rows, tensor.matrix.columns) == (5, 7))
  }

  @Test func constantsAreAlignedAndZeroed() {
    let zeros = Constant<Float>(count: 5) { _ in }
    #expect(zeros.withElements { Array($0) } == [0, 0, 0, 0, 0])
    #expect(Int(bitPattern: zeros.pointer) % 64 == 0)
    let bytes = Constant<UInt8>([1, 2, 3])
    #expect(bytes.count == 3 && bytes.withElements { Array($0) } == [1, 2, 3])
    #expect(Constant<Float>([]).count == 0)
    #expect(Storage(byteCount: 0).byteCount == 0)
  }
}
