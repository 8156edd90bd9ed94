/** Runs compiled models on ONNX Runtime and its execution providers. */
module io.inferc.backend.onnxruntime {
  requires io.inferc.core;
  requires static org.jspecify;
  requires com.fasterxml.jackson.core;
  requires com.fasterxml.jackson.databind;
  requires com.microsoft.onnxruntime;
  requires com.sun.jna;
  requires org.slf4j;

  exports io.inferc.backend.onnxruntime;

  provides io.inferc.spi.BackendProvider with
      io.inferc.backend.onnxruntime.OnnxRuntimeProvider;
}
