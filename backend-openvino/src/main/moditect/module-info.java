/** Runs compiled models on OpenVINO. */
module io.inferc.backend.openvino {
  requires io.inferc.core;
  requires static org.jspecify;
  requires com.sun.jna;
  requires org.slf4j;

  exports io.inferc.backend.openvino;

  // JNA reads the fields and methods of what describes native structures and functions.
  opens io.inferc.backend.openvino to
      com.sun.jna;

  provides io.inferc.spi.BackendProvider with
      io.inferc.backend.openvino.OpenVinoProvider;
}
