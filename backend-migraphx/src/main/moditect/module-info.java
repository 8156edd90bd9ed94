/** Runs compiled models on MIGraphX. */
module io.inferc.backend.migraphx {
  requires io.inferc.core;
  requires static org.jspecify;
  requires com.fasterxml.jackson.core;
  requires com.fasterxml.jackson.databind;
  requires com.sun.jna;
  requires org.slf4j;

  exports io.inferc.backend.migraphx;

  // JNA reads the fields and methods of what describes native structures and functions.
  opens io.inferc.backend.migraphx to
      com.sun.jna;

  provides io.inferc.spi.BackendProvider with
      io.inferc.backend.migraphx.MigraphxProvider;
}
