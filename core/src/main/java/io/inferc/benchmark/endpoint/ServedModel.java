package io.inferc.benchmark.endpoint;

import io.inferc.tensor.DataType;
import io.inferc.tensor.Dimension;
import io.inferc.tensor.TensorShape;
import io.inferc.tensor.TensorSpec;
import java.util.ArrayList;
import java.util.List;
import java.util.Optional;

/** What a server says of a model; {@code name} has the version, if one was asked for. */
record ServedModel(
    String name, String platform, List<TensorSpec> inputs, List<TensorSpec> outputs) {

  ServedModel {
    inputs = List.copyOf(inputs);
    outputs = List.copyOf(outputs);
  }

  /**
   * A tensor as it is described.
   *
   * @param shape its sizes, of which negative ones may vary
   * @param said the whole description, for what is thrown
   */
  static TensorSpec tensor(String name, String datatype, List<Long> shape, String said)
      throws RequestFailure {
    Optional<DataType> type = ProtocolTypes.type(datatype);
    if (name.isEmpty() || type.isEmpty()) {
      throw RequestFailure.broken(
          "its metadata describe a tensor without a name or with an unknown datatype: "
              + ErrorText.line(said));
    }
    List<Dimension> dimensions = new ArrayList<>();
    for (long size : shape) {
      dimensions.add(size >= 0 ? Dimension.fixed(size) : Dimension.unknown());
    }
    return new TensorSpec(name, type.get(), TensorShape.of(dimensions));
  }
}
