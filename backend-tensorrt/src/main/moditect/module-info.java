/** Runs compiled models on TensorRT. */
module io.inferc.backend.tensorrt {
  requires io.inferc.core;
  requires static org.jspecify;
  requires com.fasterxml.jackson.core;
  requires com.fasterxml.jackson.databind;
  requires org.bytedeco.cuda;
  requires org.bytedeco.javacpp;
  requires org.bytedeco.tensorrt;
  requires org.slf4j;

  exports io.inferc.backend.tensorrt;

  provides io.inferc.spi.BackendProvider with
      io.inferc.backend.tensorrt.TensorRtProvider;
}
