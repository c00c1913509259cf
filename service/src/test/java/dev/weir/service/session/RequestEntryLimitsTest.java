package dev.weir.service.session;

import static org.assertj.core.api.Assertions.assertThat;

import com.google.protobuf.Descriptors.Descriptor;
import com.google.protobuf.Descriptors.FieldDescriptor;
import com.google.protobuf.Descriptors.FieldDescriptor.JavaType;
import com.google.protobuf.Descriptors.MethodDescriptor;
import com.google.protobuf.Descriptors.ServiceDescriptor;
import dev.weir.v1.AdminServiceGrpc;
import dev.weir.v1.CatalogServiceGrpc;
import dev.weir.v1.PublishServiceGrpc;
import dev.weir.v1.SubscribeServiceGrpc;
import io.grpc.protobuf.ProtoFileDescriptorSupplier;
import java.util.HashSet;
import java.util.List;
import java.util.Map;
import java.util.Set;
import java.util.TreeSet;
import java.util.stream.Stream;
import org.junit.jupiter.api.Test;

/** Each list of objects in a request has a limit of its entries. */
class RequestEntryLimitsTest {
  /**
   * Those without a limit of their own, and the reason. Add to this only what is counted or bounded
   * elsewhere before it takes more memory than the request was charged.
   */
  private static final Map<String, String> EXEMPT =
      Map.of(
          "weir.v1.Columns.texts",
          "A batch is parsed on the control pool, as many at a time as that has threads, and is at"
              + " most message_bytes_max; a column whose texts are not as many as its count is"
              + " refused, and so is a batch of more than batch_readings_max.",
          "weir.v1.Columns.blobs",
          "The same as for texts.");

  private static final List<io.grpc.ServiceDescriptor> SERVICES =
      List.of(
          AdminServiceGrpc.getServiceDescriptor(),
          CatalogServiceGrpc.getServiceDescriptor(),
          PublishServiceGrpc.getServiceDescriptor(),
          SubscribeServiceGrpc.getServiceDescriptor());

  private final Set<Descriptor> seen = new HashSet<>();
  private final Set<String> without = new TreeSet<>();
  private int limited;

  private static Stream<ServiceDescriptor> services() {
    return SERVICES.stream()
        .map(service -> (ProtoFileDescriptorSupplier) service.getSchemaDescriptor())
        .flatMap(schema -> schema.getFileDescriptor().getServices().stream());
  }

  private void walk(Descriptor type) {
    if (!seen.add(type)) {
      return;
    }
    for (FieldDescriptor field : type.getFields()) {
      JavaType kind = field.getJavaType();
      boolean objects =
          kind == JavaType.MESSAGE || kind == JavaType.STRING || kind == JavaType.BYTE_STRING;
      if (field.isRepeated() && objects) {
        if (RequestParser.limit(field).isPresent()) {
          limited++;
        } else {
          without.add(field.getFullName());
        }
      }
      if (kind == JavaType.MESSAGE) {
        walk(field.getMessageType());
      }
    }
  }

  @Test
  void listsOfTextsAndMessagesInRequests_haveALimitOrAReason() {
    services()
        .flatMap(service -> service.getMethods().stream())
        .map(MethodDescriptor::getInputType)
        .forEach(this::walk);
    assertThat(limited).as("lists with a limit").isGreaterThan(10);
    assertThat(without)
        .as("repeated texts, bytes and messages of requests that RequestParser does not limit")
        .isEqualTo(new TreeSet<>(EXEMPT.keySet()));
  }
}
