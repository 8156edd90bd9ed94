package io.inferc.report;

import com.fasterxml.jackson.databind.node.ArrayNode;
import com.fasterxml.jackson.databind.node.ObjectNode;
import io.inferc.benchmark.Environment;
import io.inferc.benchmark.platform.ComputeRoof;
import io.inferc.benchmark.platform.Gpu;
import io.inferc.benchmark.platform.Machine;
import io.inferc.benchmark.platform.MemoryFigures;
import io.inferc.benchmark.platform.ProcessMemory;
import io.inferc.benchmark.platform.Roofline;
import java.util.Optional;
import java.util.OptionalLong;
import java.util.TreeMap;

/** The machine in the report for programs. */
final class LoadMachineJson {
  private LoadMachineJson() {}

  static void roofline(ObjectNode root, Optional<Roofline> found) {
    if (found.isEmpty()) {
      root.putNull("roofline");
      return;
    }
    Roofline roofline = found.get();
    ObjectNode to = root.putObject("roofline");
    to.put("bytesPerSecond", roofline.bytesPerSecond());
    to.put("singleThreadBytesPerSecond", roofline.singleThreadBytesPerSecond());
    to.put("threads", roofline.threads());
    to.put("arrayBytes", roofline.arrayBytes());
    to.put("beyondCache", roofline.beyondCache());
    roof(to.putObject("singleThread"), roofline.singleThread());
    ArrayNode compute = to.putArray("compute");
    roofline.compute().forEach(roof -> roof(compute.addObject(), roof));
  }

  static void roof(ObjectNode to, ComputeRoof roof) {
    to.put("precision", roof.precision());
    to.put("multiplyAddsPerSecond", roof.multiplyAddsPerSecond());
    to.put("source", roof.source());
  }

  static void environment(ObjectNode to, Environment environment) {
    Machine machine = environment.machine();
    to.put("cpu", environment.cpu());
    to.put("processors", environment.processors());
    to.put("os", environment.os());
    to.put("jvm", environment.jvm());
    machine.processor().features().forEach(to.putArray("instructionSets")::add);
    to.put("governor", machine.processor().governor().orElse(null));
    to.put("turbo", machine.processor().turbo().orElse(null));
    bytes(to, "lastLevelCacheBytes", machine.processor().lastLevelCacheBytes());
    LoadJson.number(to, "processorLimit", machine.limits().cpus().orElse(Double.NaN));
    bytes(to, "memoryLimitBytes", machine.limits().memoryBytes());
    LoadJson.number(to, "loadAverageAtStart", machine.loadAverage().orElse(Double.NaN));
    LoadJson.number(to, "stolenShare", environment.stolen().orElse(Double.NaN));
    ArrayNode gpus = to.putArray("gpus");
    for (Gpu gpu : machine.gpus()) {
      ObjectNode node = gpus.addObject();
      node.put("name", gpu.name());
      node.put("driver", gpu.driver());
      node.put("cuda", gpu.cuda().orElse(null));
      bytes(node, "memoryBytes", gpu.memoryBytes());
      bytes(node, "usedBytes", gpu.usedBytes());
    }
    machine.jvmFlags().forEach(to.putArray("jvmOptions")::add);
    ObjectNode backEnds = to.putObject("backEnds");
    new TreeMap<>(environment.backEnds()).forEach(backEnds::put);
  }

  static void memory(ObjectNode to, MemoryFigures memory) {
    process(to.putObject("before"), memory.before());
    process(to.putObject("peak"), memory.peak());
    process(to.putObject("after"), memory.after());
    bytes(to, "deviceBeforeBytes", memory.deviceBefore());
    bytes(to, "devicePeakBytes", memory.devicePeak());
    bytes(to, "deviceAfterBytes", memory.deviceAfter());
    to.put("samples", memory.samples());
  }

  private static void process(ObjectNode to, ProcessMemory memory) {
    bytes(to, "residentBytes", memory.resident());
    to.put("heapUsedBytes", memory.heapUsed());
    to.put("heapCommittedBytes", memory.heapCommitted());
    to.put("directBytes", memory.direct());
    to.put("mappedBytes", memory.mapped());
  }

  private static void bytes(ObjectNode to, String key, OptionalLong bytes) {
    if (bytes.isPresent()) {
      to.put(key, bytes.getAsLong());
    } else {
      to.putNull(key);
    }
  }
}
