// Multi-scale deformable attention (Deformable DETR, Zhu et al., arXiv 2010.04159, equation 3) for CPUs, with its
// backward pass. Locations and weights are inputs, so the operator is a weighted sum of bilinear samples.
//
//   value     (N, S, heads, channels)            all levels, one after the other, row-major
//   shapes    (levels, 2)                        height and width of each level, int64
//   locations (N, Q, heads, levels, points, 2)   x and y as shares of the level's extent; samples outside are zero
//   weights   (N, Q, heads, levels, points)
//   output    (N, Q, heads * channels)
//
// A task is one head of one image: no two tasks write the same element, so sums have one order and results do not depend
// on the number of threads. The innermost loops run over a head's channels, which lie together in memory.
#include <ATen/Parallel.h>
#include <ATen/core/Tensor.h>
#include <ATen/ops/empty.h>
#include <ATen/ops/zeros_like.h>
#include <torch/library.h>

#include <cmath>
#include <tuple>
#include <vector>

namespace {

using at::Tensor;

struct Level {
  int64_t height, width, start;
};

struct Sizes {
  int64_t images, tokens, heads, channels, queries, points;
  std::vector<Level> levels;
};

Sizes sizesOf(const Tensor& value, const Tensor& shapes, const Tensor& locations) {
  Sizes sizes{value.size(0), value.size(1), value.size(2), value.size(3), locations.size(1), locations.size(4), {}};
  const int64_t* extents = shapes.const_data_ptr<int64_t>();
  int64_t start = 0;
  for (int64_t level = 0; level < shapes.size(0); ++level) {
    sizes.levels.push_back({extents[2 * level], extents[2 * level + 1], start});
    start += extents[2 * level] * extents[2 * level + 1];
  }
  TORCH_CHECK(start == sizes.tokens, "the levels have ", start, " tokens, the value has ", sizes.tokens);
  return sizes;
}

/// A pixel that a sample reads: where its token is, its bilinear weight, and that weight's derivatives by x and y.
template <typename Scalar>
struct Corner {
  int64_t token;
  Scalar weight, byX, byY;
};

/// The up to four pixels inside a level around a location; their number is returned.
template <typename Scalar>
inline int cornersAround(const Level& level, const Scalar* location, Corner<Scalar> (&corners)[4]) {
  const Scalar x = location[0] * level.width - Scalar(0.5);
  const Scalar y = location[1] * level.height - Scalar(0.5);
  if (!(x > -1 && y > -1 && x < level.width && y < level.height)) return 0;
  const int64_t left = static_cast<int64_t>(std::floor(x)), top = static_cast<int64_t>(std::floor(y));
  const Scalar toRight = x - left, toBottom = y - top;
  int count = 0;
  for (int64_t down = 0; down < 2; ++down) {
    const int64_t row = top + down;
    if (row < 0 || row >= level.height) continue;
    const Scalar vertical = down ? toBottom : 1 - toBottom;
    for (int64_t right = 0; right < 2; ++right) {
      const int64_t column = left + right;
      if (column < 0 || column >= level.width) continue;
      const Scalar horizontal = right ? toRight : 1 - toRight;
      corners[count++] = {
          level.start + row * level.width + column, horizontal * vertical, right ? vertical : -vertical,
          down ? horizontal : -horizontal};
    }
  }
  return count;
}

/// Calls `body(image, head)` for every pair of them, on all threads.
template <typename Body>
void forEachHead(const Sizes& sizes, const Body& body) {
  at::parallel_for(0, sizes.images * sizes.heads, 1, [&](int64_t first, int64_t last) {
    for (int64_t task = first; task < last; ++task) body(task / sizes.heads, task % sizes.heads);
  });
}

/// `Channels` is a head's number of channels if the compiler shall know it, or 0.
template <typename Scalar, int Channels>
void forward(const Sizes& sizes, const Scalar* value, const Scalar* locations, const Scalar* weights, Scalar* output) {
  const int64_t channels = Channels ? Channels : sizes.channels;
  const int64_t samples = sizes.levels.size() * sizes.points, stride = sizes.heads * channels;
  forEachHead(sizes, [&](int64_t image, int64_t head) {
    const Scalar* tokens = value + image * sizes.tokens * stride + head * channels;
    Scalar fixed[Channels ? Channels : 1];
    std::vector<Scalar> variable(Channels ? 0 : channels);
    Scalar* total = Channels ? fixed : variable.data();
    for (int64_t query = 0; query < sizes.queries; ++query) {
      const int64_t row = (image * sizes.queries + query) * sizes.heads + head;
      for (int64_t channel = 0; channel < channels; ++channel) total[channel] = 0;
      for (int64_t sample = 0; sample < samples; ++sample) {
        const int64_t index = row * samples + sample;
        Corner<Scalar> corners[4];
        const int count = cornersAround(sizes.levels[sample / sizes.points], locations + 2 * index, corners);
        for (int corner = 0; corner < count; ++corner) {
          const Scalar share = weights[index] * corners[corner].weight;
          const Scalar* pixel = tokens + corners[corner].token * stride;
          for (int64_t channel = 0; channel < channels; ++channel) total[channel] += share * pixel[channel];
        }
      }
      for (int64_t channel = 0; channel < channels; ++channel) output[row * channels + channel] = total[channel];
    }
  });
}

template <typename Scalar>
struct Gradients {
  Scalar *value, *locations, *weights;
};

template <typename Scalar, int Channels>
void backward(
    const Sizes& sizes, const Scalar* value, const Scalar* locations, const Scalar* weights, const Scalar* gradOutput,
    const Gradients<Scalar>& gradients) {
  const int64_t channels = Channels ? Channels : sizes.channels;
  const int64_t samples = sizes.levels.size() * sizes.points, stride = sizes.heads * channels;
  forEachHead(sizes, [&](int64_t image, int64_t head) {
    const int64_t base = image * sizes.tokens * stride + head * channels;
    for (int64_t query = 0; query < sizes.queries; ++query) {
      const int64_t row = (image * sizes.queries + query) * sizes.heads + head;
      const Scalar* gradient = gradOutput + row * channels;
      for (int64_t sample = 0; sample < samples; ++sample) {
        const int64_t index = row * samples + sample;
        const Level& level = sizes.levels[sample / sizes.points];
        Corner<Scalar> corners[4];
        const int count = cornersAround(level, locations + 2 * index, corners);
        Scalar byWeight = 0, byX = 0, byY = 0;
        for (int corner = 0; corner < count; ++corner) {
          const int64_t offset = base + corners[corner].token * stride;
          const Scalar* pixel = value + offset;
          Scalar* gradPixel = gradients.value + offset;
          const Scalar share = weights[index] * corners[corner].weight;
          Scalar product = 0;
          for (int64_t channel = 0; channel < channels; ++channel) product += gradient[channel] * pixel[channel];
          for (int64_t channel = 0; channel < channels; ++channel) gradPixel[channel] += share * gradient[channel];
          byWeight += corners[corner].weight * product;
          byX += corners[corner].byX * product;
          byY += corners[corner].byY * product;
        }
        gradients.weights[index] = byWeight;
        gradients.locations[2 * index] = weights[index] * byX * level.width;
        gradients.locations[2 * index + 1] = weights[index] * byY * level.height;
      }
    }
  });
}

/// Calls `body` with the number of channels as a constant where it is a usual one.
template <typename Body>
void dispatchChannels(int64_t channels, const Body& body) {
  switch (channels) {
    case 8: return body(std::integral_constant<int, 8>());
    case 16: return body(std::integral_constant<int, 16>());
    case 32: return body(std::integral_constant<int, 32>());
    case 64: return body(std::integral_constant<int, 64>());
    default: return body(std::integral_constant<int, 0>());
  }
}

Tensor deformableAttention(
    const Tensor& value, const Tensor& shapes, const Tensor& locations, const Tensor& weights) {
  const Sizes sizes = sizesOf(value, shapes, locations);
  Tensor output = at::empty({sizes.images, sizes.queries, sizes.heads * sizes.channels}, value.options());
  if (value.scalar_type() == at::kDouble) {
    forward<double, 0>(
        sizes, value.const_data_ptr<double>(), locations.const_data_ptr<double>(), weights.const_data_ptr<double>(),
        output.mutable_data_ptr<double>());
  } else {
    dispatchChannels(sizes.channels, [&](auto channels) {
      forward<float, decltype(channels)::value>(
          sizes, value.const_data_ptr<float>(), locations.const_data_ptr<float>(), weights.const_data_ptr<float>(),
          output.mutable_data_ptr<float>());
    });
  }
  return output;
}

std::tuple<Tensor, Tensor, Tensor> deformableAttentionBackward(
    const Tensor& value, const Tensor& shapes, const Tensor& locations, const Tensor& weights,
    const Tensor& gradOutput) {
  const Sizes sizes = sizesOf(value, shapes, locations);
  Tensor gradValue = at::zeros_like(value), gradLocations = at::empty(locations.sizes(), locations.options());
  Tensor gradWeights = at::empty(weights.sizes(), weights.options());
  const auto run = [&](auto scalar, auto channels) {
    using Scalar = decltype(scalar);
    backward<Scalar, decltype(channels)::value>(
        sizes, value.const_data_ptr<Scalar>(), locations.const_data_ptr<Scalar>(), weights.const_data_ptr<Scalar>(),
        gradOutput.const_data_ptr<Scalar>(),
        {gradValue.mutable_data_ptr<Scalar>(), gradLocations.mutable_data_ptr<Scalar>(),
         gradWeights.mutable_data_ptr<Scalar>()});
  };
  if (value.scalar_type() == at::kDouble) {
    run(double(), std::integral_constant<int, 0>());
  } else {
    dispatchChannels(sizes.channels, [&](auto channels) { run(float(), channels); });
  }
  return {gradValue, gradLocations, gradWeights};
}

}  // namespace

TORCH_LIBRARY(m2fp_training, library) {
  library.def("deformable_attention(Tensor value, Tensor shapes, Tensor locations, Tensor weights) -> Tensor");
  library.def(
      "deformable_attention_backward(Tensor value, Tensor shapes, Tensor locations, Tensor weights, Tensor grad_output) "
      "-> (Tensor, Tensor, Tensor)");
}

TORCH_LIBRARY_IMPL(m2fp_training, CPU, library) {
  library.impl("deformable_attention", deformableAttention);
  library.impl("deformable_attention_backward", deformableAttentionBackward);
}
