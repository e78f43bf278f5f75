/** The CSDL document at `/v1.0/$metadata`, cut down to what this service has. */
export const metadata = `<?xml version="1.0" encoding="utf-8"?>
<edmx:Edmx Version="4.0" xmlns:edmx="http://docs.oasis-open.org/odata/ns/edmx"><edmx:DataServices>
<Schema Namespace="microsoft.graph" xmlns="http://docs.oasis-open.org/odata/ns/edm">
<EntityType Name="user"><Key><PropertyRef Name="id"/></Key>
<Property Name="id" Type="Edm.String" Nullable="false"/>
<Property Name="businessPhones" Type="Collection(Edm.String)" Nullable="false"/>
<Property Name="displayName" Type="Edm.String"/>
<Property Name="givenName" Type="Edm.String"/>
<Property Name="jobTitle" Type="Edm.String"/>
<Property Name="mail" Type="Edm.String"/>
<Property Name="mobilePhone" Type="Edm.String"/>
<Property Name="officeLocation" Type="Edm.String"/>
<Property Name="preferredLanguage" Type="Edm.String"/>
<Property Name="surname" Type="Edm.String"/>
<Property Name="userPrincipalName" Type="Edm.String"/>
</EntityType>
<EntityContainer Name="GraphService"><EntitySet Name="users" EntityType="microsoft.graph.user"/>
<Singleton Name="me" Type="microsoft.graph.user"/></EntityContainer>
</Schema></edmx:DataServices></edmx:Edmx>
`;
