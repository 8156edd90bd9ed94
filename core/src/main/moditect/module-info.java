/**
 * The compiler: model, shapes, accuracy and benchmarks, and the interface that back ends implement.
 */
module io.inferc.core {
  requires static org.jspecify;
  // For endpoints by gRPC, where an application adds it.
  requires static io.grpc;
  requires static io.grpc.netty.shaded;
  requires HdrHistogram;
  requires com.fasterxml.jackson.core;
  requires com.fasterxml.jackson.databind;
  requires com.j2html;
  requires hipparchus.core;
  requires hipparchus.stat;
  requires org.slf4j;
  requires java.management;
  requires java.net.http;
  requires java.xml;
  // What protobuf, which is inside, uses.
  requires java.logging;
  requires jdk.unsupported;

  exports io.inferc;
  exports io.inferc.accuracy;
  exports io.inferc.benchmark;
  exports io.inferc.benchmark.endpoint;
  exports io.inferc.benchmark.load;
  exports io.inferc.benchmark.platform;
  exports io.inferc.benchmark.statistics;
  exports io.inferc.benchmark.study;
  exports io.inferc.benchmark.trace;
  exports io.inferc.calibrate;
  exports io.inferc.common;
  // For our own modules alone.
  exports io.inferc.common.internal to
      io.inferc.backend.migraphx,
      io.inferc.backend.onnxruntime,
      io.inferc.backend.openvino,
      io.inferc.backend.tensorrt;
  exports io.inferc.execution;
  exports io.inferc.onnx;
  exports io.inferc.report;
  exports io.inferc.rewrite;
  exports io.inferc.rewrite.layer;
  exports io.inferc.runtime;
  exports io.inferc.search;
  exports io.inferc.shape;
  exports io.inferc.spi;
  exports io.inferc.tensor;

  uses io.inferc.spi.BackendProvider;
}
