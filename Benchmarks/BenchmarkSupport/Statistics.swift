/// The middle one of `values`, the upper of two; 0 of none.
package func median(_ values: [Double]) -> Double {
  values.isEmpty ? 0 : values.sorted()[values.count / 2]
}

/// By how much the largest exceeds the smallest, as a part of the smallest: 0.25 where one is a quarter more; 0 of none.
package func spread(_ values: [Double]) -> Double {
  guard let smallest = values.min(), let largest = values.max(), smallest > 0 else { return 0 }
  return largest / smallest - 1
}
