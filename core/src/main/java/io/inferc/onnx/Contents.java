package io.inferc.onnx;

import com.google.protobuf.ByteString;
import com.google.protobuf.Message;
import io.inferc.onnx.internal.proto.TensorProto;
import java.nio.ByteBuffer;
import java.util.ArrayList;
import java.util.List;

/**
 * A message for comparison: raw values are taken out of it, since the same ones may lie on the heap
 * in one model and in mapped memory in another.
 */
final class Contents {
  private final List<List<ByteBuffer>> values = new ArrayList<>();
  private Message message = TensorProto.getDefaultInstance();

  static Contents of(OnnxModel model) {
    Contents contents = new Contents();
    contents.message = TensorProtos.map(model, contents::take);
    return contents;
  }

  static Contents of(Graph graph) {
    Contents contents = new Contents();
    contents.message = TensorProtos.graph(graph, contents::take);
    return contents;
  }

  static Contents of(Node node) {
    Contents contents = new Contents();
    contents.message = TensorProtos.node(node.proto(), t -> contents.take(t, node.files()));
    return contents;
  }

  static Contents of(Attribute attribute) {
    Contents contents = new Contents();
    contents.message =
        TensorProtos.attribute(attribute.proto(), t -> contents.take(t, attribute.files()));
    return contents;
  }

  static Contents of(Initializer constant) {
    Contents contents = new Contents();
    contents.message = contents.take(constant.proto(), constant.files());
    return contents;
  }

  private TensorProto take(TensorProto tensor, ExternalFiles files) {
    if (!tensor.hasRawData() && !tensor.hasMappedRun()) {
      return tensor;
    }
    values.add(TensorBytes.raw(tensor, files));
    return tensor.toBuilder().clearMappedRun().setRawData(ByteString.EMPTY).build();
  }

  boolean sameAs(Contents other) {
    return message.equals(other.message) && values.equals(other.values);
  }
}
