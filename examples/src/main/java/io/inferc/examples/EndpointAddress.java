package io.inferc.examples;

import io.inferc.benchmark.endpoint.EndpointOptions;
import io.inferc.benchmark.endpoint.GrpcInferenceEndpoint;
import io.inferc.benchmark.endpoint.OpenAiEndpoint;
import io.inferc.benchmark.endpoint.OpenInferenceEndpoint;
import io.inferc.benchmark.endpoint.TensorEndpoint;
import java.net.URI;
import java.net.URISyntaxException;
import java.util.LinkedHashMap;
import java.util.Map;
import java.util.Optional;
import java.util.Set;
import java.util.regex.Matcher;
import java.util.regex.Pattern;
import org.jspecify.annotations.Nullable;
import picocli.CommandLine.ITypeConverter;
import picocli.CommandLine.TypeConversionException;

/**
 * Where a server is and how it is spoken to: {@code oip+http://host:8000/MODEL}, or {@code
 * oip+grpc://} and {@code oip+grpcs://}, with {@code /versions/2} behind it if one version is
 * meant, or {@code openai+http://host:8000?model=MODEL}, with {@code &protocol=completion} for what
 * is no chat.
 *
 * @param text as it was given
 * @param protocol how it is spoken to
 * @param server the address of the server
 * @param model the model's name there
 * @param version the version, if one is meant
 * @param completion whether the completion protocol is meant, not the one for chats
 */
record EndpointAddress(
    String text,
    Protocol protocol,
    String server,
    String model,
    Optional<String> version,
    boolean completion) {
  private static final Pattern FORM =
      Pattern.compile("(?:(openai)\\+(https?)|(oip)\\+(https?|grpcs?))(://.+)");
  private static final Pattern MODEL =
      Pattern.compile("(.*?)(?:/v2/models)?/([^/]+)(?:/versions/([^/]+))?/?");
  private static final Set<String> PROTOCOLS = Set.of("chat", "completion");

  /** What a server understands. */
  enum Protocol {
    OIP_HTTP,
    OIP_GRPC,
    OPENAI
  }

  /** Tells whether a text is meant to be the address of an endpoint. */
  static boolean isMeant(String text) {
    return text.contains("://");
  }

  /** Whether it takes prompts, not tensors. */
  boolean takesPrompts() {
    return protocol == Protocol.OPENAI;
  }

  /** Opens a model that takes tensors; what holds a connection is to be closed. */
  TensorEndpoint openInference() {
    EndpointOptions options = EndpointOptions.defaults();
    if (protocol == Protocol.OIP_GRPC) {
      return version.isPresent()
          ? GrpcInferenceEndpoint.open(server, model, version.get(), options)
          : GrpcInferenceEndpoint.open(server, model, options);
    }
    return version.isPresent()
        ? OpenInferenceEndpoint.open(server, model, version.get(), options)
        : OpenInferenceEndpoint.open(server, model, options);
  }

  OpenAiEndpoint openAi() {
    return OpenAiEndpoint.builder(server, model)
        .protocol(completion ? OpenAiEndpoint.Protocol.COMPLETION : OpenAiEndpoint.Protocol.CHAT)
        .build();
  }

  /** Reads an address. */
  static final class Text implements ITypeConverter<EndpointAddress> {
    @Override
    public EndpointAddress convert(String text) {
      Matcher match = FORM.matcher(text);
      if (!match.matches()) {
        throw refused(text);
      }
      try {
        boolean prompts = match.group(1) != null;
        String transport = prompts ? match.group(2) : match.group(4);
        boolean grpc = transport.startsWith("grpc");
        String scheme = grpc ? transport.replace("grpc", "http") : transport;
        URI uri = new URI(scheme + match.group(5));
        if (uri.getHost() == null) {
          throw refused(text);
        }
        String server = uri.getScheme() + "://" + uri.getRawAuthority();
        return prompts
            ? openAi(text, server, uri)
            : openInference(text, grpc ? Protocol.OIP_GRPC : Protocol.OIP_HTTP, server, uri);
      } catch (URISyntaxException e) {
        throw refused(text);
      }
    }

    private static EndpointAddress openInference(
        String text, Protocol protocol, String server, URI uri) {
      Matcher model = MODEL.matcher(Optional.ofNullable(uri.getPath()).orElse(""));
      if (!model.matches() || uri.getRawQuery() != null) {
        throw refused(text);
      }
      return new EndpointAddress(
          text,
          protocol,
          server + model.group(1),
          model.group(2),
          Optional.ofNullable(model.group(3)),
          false);
    }

    private static EndpointAddress openAi(String text, String server, URI uri) {
      Map<String, String> query = query(text, uri.getQuery());
      String model = query.remove("model");
      String protocol = query.getOrDefault("protocol", "chat");
      query.remove("protocol");
      if (model == null || model.isEmpty() || !query.isEmpty() || !PROTOCOLS.contains(protocol)) {
        throw refused(text);
      }
      return new EndpointAddress(
          text,
          Protocol.OPENAI,
          server + uri.getRawPath(),
          model,
          Optional.empty(),
          protocol.equals("completion"));
    }

    private static Map<String, String> query(String text, @Nullable String query) {
      Map<String, String> values = new LinkedHashMap<>();
      for (String part : query == null ? new String[0] : query.split("&", -1)) {
        int equals = part.indexOf('=');
        if (equals < 1) {
          throw refused(text);
        }
        values.put(part.substring(0, equals), part.substring(equals + 1));
      }
      return values;
    }

    private static TypeConversionException refused(String text) {
      return new TypeConversionException(
          "'"
              + text
              + "' is no endpoint such as oip+http://host:8000/MODEL, oip+grpc://host:8001/MODEL or"
              + " openai+http://host:8000?model=MODEL");
    }
  }
}
