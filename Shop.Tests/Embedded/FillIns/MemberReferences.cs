using System.Collections.Immutable;
using System.Reflection;
using System.Reflection.Metadata;
using System.Reflection.Metadata.Ecma335;
using System.Reflection.PortableExecutable;

namespace Shop.Tests.Embedded.FillIns;

/// <summary>What one assembly refers to in another, and what the other offers, as comparable lines of text with full signatures.</summary>
internal static class MemberReferences
{
    /// <summary>The types and members of <paramref name="referenced"/> that the assembly file refers to, each once, sorted.</summary>
    public static IReadOnlyList<string> Of(string assemblyFile, string referenced)
    {
        using var pe = new PEReader(File.OpenRead(assemblyFile));
        var metadata = pe.GetMetadataReader();
        var names = new SignatureText(metadata);
        var lines = new SortedSet<string>(StringComparer.Ordinal);

        foreach (var handle in metadata.TypeReferences)
        {
            if (IsFrom(metadata, handle, referenced))
                lines.Add(names.Name(handle));
        }

        for (var row = 1; row <= metadata.GetTableRowCount(TableIndex.MemberRef); row++)
        {
            var member = metadata.GetMemberReference(MetadataTokens.MemberReferenceHandle(row));
            if (ReferencedType(metadata, member.Parent) is not { } type || !IsFrom(metadata, type, referenced))
                continue;

            lines.Add(member.GetKind() == MemberReferenceKind.Field
                ? SignatureText.Field(names.Name(type), metadata.GetString(member.Name), member.DecodeFieldSignature(names, null))
                : SignatureText.Method(names.Name(type), metadata.GetString(member.Name), member.DecodeMethodSignature(names, null)));
        }

        return [.. lines];
    }

    /// <summary>The public types and members of the assembly file; a type's line list includes what it inherits within the file.</summary>
    public static IReadOnlySet<string> OfferedBy(string assemblyFile)
    {
        using var pe = new PEReader(File.OpenRead(assemblyFile));
        var metadata = pe.GetMetadataReader();
        var names = new SignatureText(metadata);
        var lines = new HashSet<string>(StringComparer.Ordinal);

        foreach (var handle in metadata.TypeDefinitions)
        {
            if (!IsPublic(metadata, handle))
                continue;

            var name = names.Name(handle);
            lines.Add(name);

            for (var level = handle; !level.IsNil;)
            {
                var type = metadata.GetTypeDefinition(level);
                foreach (var method in type.GetMethods().Select(metadata.GetMethodDefinition))
                {
                    var methodName = metadata.GetString(method.Name);
                    if ((method.Attributes & MethodAttributes.MemberAccessMask) == MethodAttributes.Public && (level == handle || methodName != ".ctor"))
                        lines.Add(SignatureText.Method(name, methodName, method.DecodeSignature(names, null)));
                }

                foreach (var field in type.GetFields().Select(metadata.GetFieldDefinition))
                {
                    if ((field.Attributes & FieldAttributes.FieldAccessMask) == FieldAttributes.Public)
                        lines.Add(SignatureText.Field(name, metadata.GetString(field.Name), field.DecodeSignature(names, null)));
                }

                level = type.BaseType.Kind == HandleKind.TypeDefinition ? (TypeDefinitionHandle)type.BaseType : default;
            }
        }

        return lines;
    }

    private static bool IsPublic(MetadataReader metadata, TypeDefinitionHandle handle)
    {
        var type = metadata.GetTypeDefinition(handle);
        return (type.Attributes & TypeAttributes.VisibilityMask) switch
        {
            TypeAttributes.Public => true,
            TypeAttributes.NestedPublic => IsPublic(metadata, type.GetDeclaringType()),
            _ => false,
        };
    }

    private static bool IsFrom(MetadataReader metadata, TypeReferenceHandle handle, string assembly)
    {
        var scope = metadata.GetTypeReference(handle).ResolutionScope;
        return scope.Kind switch
        {
            HandleKind.TypeReference => IsFrom(metadata, (TypeReferenceHandle)scope, assembly),
            HandleKind.AssemblyReference => metadata.GetString(metadata.GetAssemblyReference((AssemblyReferenceHandle)scope).Name) == assembly,
            _ => false,
        };
    }

    /// <summary>The type a member belongs to; of a constructed type its generic definition.</summary>
    private static TypeReferenceHandle? ReferencedType(MetadataReader metadata, EntityHandle parent)
    {
        if (parent.Kind == HandleKind.TypeReference)
            return (TypeReferenceHandle)parent;
        if (parent.Kind != HandleKind.TypeSpecification)
            return null;

        var signature = metadata.GetBlobReader(metadata.GetTypeSpecification((TypeSpecificationHandle)parent).Signature);
        if (signature.ReadSignatureTypeCode() != SignatureTypeCode.GenericTypeInstance)
            return null;

        // Past the code that says whether it is a class or a structure.
        signature.ReadCompressedInteger();
        var type = signature.ReadTypeHandle();
        return type.Kind == HandleKind.TypeReference ? (TypeReferenceHandle)type : null;
    }

    private sealed class SignatureText(MetadataReader metadata) : ISignatureTypeProvider<string, object?>
    {
        public static string Method(string type, string name, MethodSignature<string> signature) =>
            $"{(signature.Header.IsInstance ? "" : "static ")}{signature.ReturnType} {type}::{name}`{signature.GenericParameterCount}({string.Join(", ", signature.ParameterTypes)})";

        public static string Field(string type, string name, string fieldType) => $"{fieldType} {type}::{name}";

        public string Name(TypeReferenceHandle handle)
        {
            var type = metadata.GetTypeReference(handle);
            var name = Qualified(type.Namespace, type.Name);
            return type.ResolutionScope.Kind == HandleKind.TypeReference ? $"{Name((TypeReferenceHandle)type.ResolutionScope)}/{name}" : name;
        }

        public string Name(TypeDefinitionHandle handle)
        {
            var type = metadata.GetTypeDefinition(handle);
            var name = Qualified(type.Namespace, type.Name);
            return type.IsNested ? $"{Name(type.GetDeclaringType())}/{name}" : name;
        }

        public string GetTypeFromReference(MetadataReader reader, TypeReferenceHandle handle, byte rawTypeKind) => Kind(rawTypeKind) + Name(handle);

        public string GetTypeFromDefinition(MetadataReader reader, TypeDefinitionHandle handle, byte rawTypeKind) => Kind(rawTypeKind) + Name(handle);

        public string GetTypeFromSpecification(MetadataReader reader, object? genericContext, TypeSpecificationHandle handle, byte rawTypeKind) =>
            metadata.GetTypeSpecification(handle).DecodeSignature(this, genericContext);

        public string GetPrimitiveType(PrimitiveTypeCode typeCode) => typeCode.ToString();

        public string GetArrayType(string elementType, ArrayShape shape) => $"{elementType}[{new string(',', shape.Rank - 1)}]";

        public string GetSZArrayType(string elementType) => elementType + "[]";

        public string GetByReferenceType(string elementType) => elementType + "&";

        public string GetPointerType(string elementType) => elementType + "*";

        public string GetPinnedType(string elementType) => elementType + " pinned";

        public string GetFunctionPointerType(MethodSignature<string> signature) => $"function({string.Join(", ", signature.ParameterTypes)})";

        public string GetGenericInstantiation(string genericType, ImmutableArray<string> typeArguments) => $"{genericType}<{string.Join(",", typeArguments)}>";

        public string GetGenericMethodParameter(object? genericContext, int index) => $"!!{index}";

        public string GetGenericTypeParameter(object? genericContext, int index) => $"!{index}";

        public string GetModifiedType(string modifier, string unmodifiedType, bool isRequired) => $"{unmodifiedType} {(isRequired ? "modreq" : "modopt")}({modifier})";

        private static string Kind(byte rawTypeKind) => rawTypeKind == (byte)SignatureTypeKind.ValueType ? "struct " : "class ";

        private string Qualified(StringHandle space, StringHandle name) =>
            space.IsNil ? metadata.GetString(name) : $"{metadata.GetString(space)}.{metadata.GetString(name)}";
    }
}
